//! All that facts ask about: the layers of a text, the signs in them and where, and its shape.

use super::decode::{How, Layers, layers};
use super::join::without_comments;
use super::shape::Shape;
use super::signs::{GOOD, Sign, find_signs};
use crate::nature::Kind;

/// Places kept of one sign in one layer.
const PLACES: usize = 12;

/// How far apart two signs may stand to belong together, in bytes.
const NEAR: usize = 600;

/// What begins a line that is a comment, and what begins and ends a block of them.
type Comments = (&'static [&'static [u8]], Option<(&'static [u8], &'static [u8])>);

/// A script, looked through.
#[derive(Debug)]
pub(super) struct View {
    pub(super) kind: Kind,
    pub(super) shape: Shape,
    pub(super) layers: Layers,
    /// Sign, layer and place.
    found: Vec<(Sign, usize, usize)>,
}

impl View {
    pub(super) fn of(kind: Kind, text: &[u8]) -> Self {
        let (line, block): Comments = match kind {
            Kind::PowerShell => (&[b"#"], Some((b"<#", b"#>"))),
            Kind::JavaScript | Kind::Php => (&[b"//", b"*"], Some((b"/*", b"*/"))),
            Kind::VbScript | Kind::Vba => (&[b"'", b"rem ", b"Rem ", b"REM "], None),
            _ => (&[b"#"], None),
        };
        let layers = layers(&without_comments(text, line, block));
        let mut found: Vec<(Sign, usize, usize)> = Vec::new();
        for (number, layer) in layers.all.iter().enumerate() {
            let mut counts = vec![0_usize; Sign::COUNT];
            find_signs(&layer.text, &mut |sign, place| {
                if let Some(count) = counts.get_mut(sign as usize)
                    && *count < PLACES
                {
                    *count += 1;
                    found.push((sign, number, place));
                }
            });
        }
        // Manuals, licences and signatures stand in comments.
        find_signs(&text.to_ascii_lowercase(), &mut |sign, _| {
            if GOOD.contains(&sign) && !found.iter().any(|(each, _, _)| *each == sign) {
                found.push((sign, usize::MAX, 0));
            }
        });
        Self { kind, shape: Shape::of(text), layers, found }
    }

    /// Whether the sign stands anywhere.
    pub(super) fn has(&self, sign: Sign) -> bool {
        self.found.iter().any(|(each, _, _)| *each == sign)
    }

    /// Whether any of the signs stands anywhere.
    pub(super) fn any(&self, signs: &[Sign]) -> bool {
        signs.iter().any(|sign| self.has(*sign))
    }

    /// How many of the signs stand anywhere.
    pub(super) fn count(&self, signs: &[Sign]) -> usize {
        signs.iter().filter(|sign| self.has(**sign)).count()
    }

    /// Whether one of `left` and one of `right` stand near each other.
    pub(super) fn near(&self, left: &[Sign], right: &[Sign]) -> bool {
        let of = |signs: &[Sign]| -> Vec<(usize, usize)> {
            let wanted = self.found.iter().filter(|(sign, _, _)| signs.contains(sign));
            wanted.map(|(_, layer, place)| (*layer, *place)).collect()
        };
        let right = of(right);
        of(left).iter().any(|(layer, place)| {
            right.iter().any(|(other, at)| other == layer && place.abs_diff(*at) <= NEAR && place != at)
        })
    }

    /// Whether one of the signs stands only in what was hidden.
    pub(super) fn hidden(&self, signs: &[Sign]) -> bool {
        let open = |sign: Sign| {
            self.found.iter().any(|(each, layer, _)| *each == sign && self.how(*layer) == Some(How::Plain))
        };
        signs.iter().any(|sign| self.has(*sign) && !open(*sign))
    }

    /// Whether anything at all came out this way.
    pub(super) fn came(&self, how: How) -> bool {
        self.layers.all.iter().any(|layer| layer.how == how)
    }

    fn how(&self, layer: usize) -> Option<How> {
        self.layers.all.get(layer).map(|layer| layer.how)
    }
}
