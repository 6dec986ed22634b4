//! Use cases: one public function for each thing that a person, an agent or a peer can ask for.
