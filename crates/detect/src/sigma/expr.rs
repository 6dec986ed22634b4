//! A rule's condition over what was found in an event, and what must be found before it can hold.

/// A condition in its compiled form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    /// Holds always, or never.
    Known(bool),
    /// Literal number so-and-so stands in the event.
    Hit(u32),
    /// Test number so-and-so, made only when it is needed.
    Ask(u32),
    /// The other way round.
    Not(Box<Self>),
    /// All of these.
    All(Box<[Self]>),
    /// Any of these.
    Any(Box<[Self]>),
}

impl Expr {
    /// All of these, without what is known already.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let mut left = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Known(true) => {}
                Self::Known(false) => return Self::Known(false),
                Self::All(inner) => left.extend(inner),
                other => left.push(other),
            }
        }
        match left.len() {
            0 => Self::Known(true),
            1 => left.swap_remove(0),
            _ => Self::All(left.into_boxed_slice()),
        }
    }

    /// Any of these, without what is known already.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let mut left = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Known(false) => {}
                Self::Known(true) => return Self::Known(true),
                Self::Any(inner) => left.extend(inner),
                other => left.push(other),
            }
        }
        match left.len() {
            0 => Self::Known(false),
            1 => left.swap_remove(0),
            _ => Self::Any(left.into_boxed_slice()),
        }
    }

    /// The other way round.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Known(held) => Self::Known(!held),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether the condition holds.
    pub(super) fn holds(&self, facts: &mut impl Facts) -> bool {
        match self {
            Self::Known(held) => *held,
            Self::Hit(literal) => facts.hit(*literal),
            Self::Ask(test) => facts.ask(*test),
            Self::Not(inner) => !inner.holds(facts),
            Self::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts)),
        }
    }

    /// Literals of which one at least must be found before the condition can hold: of all such sets the one that
    /// `cost` makes cheapest. `None` where there is none.
    pub(super) fn needs(&self, cost: &impl Fn(u32) -> u64) -> Option<Vec<u32>> {
        match self {
            Self::Known(false) => Some(Vec::new()),
            Self::Known(true) | Self::Ask(_) | Self::Not(_) => None,
            Self::Hit(literal) => Some(vec![*literal]),
            Self::All(parts) => {
                let sets = parts.iter().filter_map(|part| part.needs(cost));
                sets.min_by_key(|set| set.iter().map(|literal| cost(*literal)).sum::<u64>())
            }
            Self::Any(parts) => {
                let mut union = Vec::new();
                for part in parts {
                    union.extend(part.needs(cost)?);
                }
                union.sort_unstable();
                union.dedup();
                Some(union)
            }
        }
    }

    /// Puts what costs little before what costs much, so that most answers are had without tests.
    pub(super) fn ordered(self) -> Self {
        let sorted = |parts: Box<[Self]>| {
            let mut parts: Vec<Self> = parts.into_iter().map(Self::ordered).collect();
            parts.sort_by_key(Self::effort);
            parts.into_boxed_slice()
        };
        match self {
            Self::All(parts) => Self::All(sorted(parts)),
            Self::Any(parts) => Self::Any(sorted(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.ordered())),
            other => other,
        }
    }

    fn effort(&self) -> u32 {
        match self {
            Self::Known(_) | Self::Hit(_) => 1,
            Self::Ask(_) => 1_000,
            Self::Not(inner) => inner.effort(),
            Self::All(parts) | Self::Any(parts) => parts.iter().fold(0, |sum, part| sum.saturating_add(part.effort())),
        }
    }
}

/// What is known of one event.
pub(super) trait Facts {
    /// Whether this literal was found.
    fn hit(&mut self, literal: u32) -> bool;
    /// Whether this test holds.
    fn ask(&mut self, test: u32) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Found(Vec<u32>);

    impl Facts for Found {
        fn hit(&mut self, literal: u32) -> bool {
            self.0.contains(&literal)
        }

        fn ask(&mut self, test: u32) -> bool {
            test == 7
        }
    }

    #[test]
    fn what_is_known_falls_away() {
        let held = Expr::all(vec![Expr::Known(true), Expr::Hit(1)]);
        assert_eq!(held, Expr::Hit(1));
        assert_eq!(Expr::all(vec![held.clone(), Expr::Known(false)]), Expr::Known(false));
        assert_eq!(Expr::any(vec![held, Expr::Known(true)]), Expr::Known(true));
        assert_eq!(Expr::any(vec![]), Expr::Known(false));
        assert_eq!(Expr::Hit(1).not().not(), Expr::Hit(1));
    }

    #[test]
    fn a_rule_waits_for_the_rarest_thing_that_it_needs() {
        let many = Expr::any(vec![Expr::Hit(1), Expr::Hit(2), Expr::Hit(3)]);
        let rule = Expr::all(vec![many.clone(), Expr::Hit(9), Expr::Ask(7), Expr::Hit(4).not()]);
        assert_eq!(rule.needs(&|_| 1), Some(vec![9]));
        assert_eq!(rule.needs(&|literal| if literal == 9 { 10 } else { 1 }), Some(vec![1, 2, 3]));
        assert_eq!(Expr::any(vec![many, Expr::Ask(7)]).needs(&|_| 1), None, "the test alone could make it hold");
    }

    #[test]
    fn conditions_hold_by_what_was_found() {
        let rule = Expr::all(vec![Expr::Hit(1), Expr::any(vec![Expr::Ask(7), Expr::Hit(2)]), Expr::Hit(3).not()]);
        let rule = rule.ordered();
        assert!(rule.holds(&mut Found(vec![1])));
        assert!(!rule.holds(&mut Found(vec![1, 3])));
        assert!(!rule.holds(&mut Found(vec![2])));
    }
}
