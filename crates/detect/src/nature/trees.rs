//! Boosted decision trees: walked for a verdict, and asked on the way which feature moved the sum how far.

/// A node: a question, or a leaf where both ways lead to itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Which feature is asked.
    pub feature: u8,
    /// Where files go whose feature is not known.
    pub unknown_left: bool,
    /// Up to this value the way goes left.
    pub border: f32,
    /// The node to the left, by its number in the tree; 0 at a leaf.
    pub left: u16,
    /// The node to the right; 0 at a leaf.
    pub right: u16,
    /// What the files at this node say on average; at a leaf, what it says.
    pub value: f32,
}

/// Bytes of a node in a model file.
const NODE: usize = 14;

/// One tree, root first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// Its nodes; children come after their parents.
    pub nodes: Vec<Node>,
}

/// Trees whose answers are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// What the sum begins with.
    pub bias: f32,
    /// The sum from which a file is suspicious.
    pub bar: f32,
    /// The trees.
    pub trees: Vec<Tree>,
}

impl Tree {
    /// What the tree says about these values; `moved` is told each feature on the way with the step that it made.
    pub fn ask(&self, values: &[f32], moved: &mut dyn FnMut(u8, f32)) -> f32 {
        let Some(mut node) = self.nodes.first() else { return 0.0 };
        while node.left != 0 {
            let value = values.get(usize::from(node.feature)).copied().unwrap_or(f32::NAN);
            let left = if value.is_nan() { node.unknown_left } else { value <= node.border };
            let next = self.nodes.get(usize::from(if left { node.left } else { node.right }));
            let Some(next) = next else { break };
            moved(node.feature, next.value - node.value);
            node = next;
        }
        node.value
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(u16::try_from(self.nodes.len()).unwrap_or(u16::MAX).to_le_bytes());
        for node in &self.nodes {
            out.push(node.feature);
            out.push(u8::from(node.unknown_left));
            out.extend(node.border.to_le_bytes());
            out.extend(node.left.to_le_bytes());
            out.extend(node.right.to_le_bytes());
            out.extend(node.value.to_le_bytes());
        }
    }

    /// Reads a tree; nothing when it is cut off or its ways do not lead downwards.
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let count = usize::from(u16::from_le_bytes(take(bytes)?));
        let mut nodes = Vec::with_capacity(count.min(bytes.len() / NODE));
        for number in 0..count {
            let [feature, unknown] = take(bytes)?;
            let border = f32::from_le_bytes(take(bytes)?);
            let (left, right) = (u16::from_le_bytes(take(bytes)?), u16::from_le_bytes(take(bytes)?));
            let value = f32::from_le_bytes(take(bytes)?);
            let down = |way: u16| usize::from(way) > number && usize::from(way) < count;
            let leaf = left == 0 && right == 0;
            if !(leaf || down(left) && down(right)) || !value.is_finite() || border.is_nan() {
                return None;
            }
            nodes.push(Node { feature, unknown_left: unknown != 0, border, left, right, value });
        }
        Some(Self { nodes })
    }
}

impl Forest {
    /// The sum of all trees; `moved` as for [`Tree::ask`].
    pub fn ask(&self, values: &[f32], moved: &mut dyn FnMut(u8, f32)) -> f32 {
        self.bias + self.trees.iter().map(|tree| tree.ask(values, moved)).sum::<f32>()
    }

    /// Appends the forest to a model file.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.bias.to_le_bytes());
        out.extend(self.bar.to_le_bytes());
        out.extend(u16::try_from(self.trees.len()).unwrap_or(u16::MAX).to_le_bytes());
        for tree in &self.trees {
            tree.write(out);
        }
    }

    /// Reads a forest off the beginning of `bytes`.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (bias, bar) = (f32::from_le_bytes(take(bytes)?), f32::from_le_bytes(take(bytes)?));
        let count = u16::from_le_bytes(take(bytes)?);
        let trees = (0..count).map(|_| Tree::read(bytes)).collect::<Option<Vec<_>>>()?;
        (bias.is_finite() && bar.is_finite()).then_some(Self { bias, bar, trees })
    }
}

/// Takes bytes off the beginning.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
