//! The facts that are known to matter, each with a stable code.

use super::{attached, links, page, phrases, sender};
use crate::read::Letter;

/// Makes the enumeration, the list of all, and the codes from one table.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// One thing that can be true of a message. The order is that of the trained weights: new ones go to the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact { $($(#[$doc])* $name,)* }

        impl Fact {
            /// Every fact, in the order of the trained weights.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code, as reasons and JSON carry it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

facts! {
    /// No address in From.
    SenderMissing = "sender_missing";
    /// The name shown holds another address than the real one.
    SenderNameAddress = "sender_name_address";
    /// The name shown is a brand's, the domain is not.
    SenderBrand = "sender_brand";
    /// The sender's domain looks like a brand's.
    SenderLookalike = "sender_lookalike";
    /// Answers go to another organisation.
    ReplyElsewhere = "reply_elsewhere";
    /// Answers go to a free mailbox, the sender has none.
    ReplyFree = "reply_free";
    /// The envelope's sender is another organisation.
    ReturnElsewhere = "return_elsewhere";
    /// Free mailbox.
    SenderFree = "sender_free";
    /// A public office or a role in it, from a free mailbox.
    SenderRoleFree = "sender_role_free";
    /// The sender's ending of domain is one that abuse prefers.
    SenderEnding = "sender_ending";
    /// The sender's address looks made by a machine.
    SenderRandom = "sender_random";
    /// From the recipient's own domain, although checks failed.
    SenderOwnDomain = "sender_own_domain";
    /// SPF failed at the receiving server.
    SpfFail = "spf_fail";
    /// DKIM failed at the receiving server.
    DkimFail = "dkim_fail";
    /// DMARC failed at the receiving server.
    DmarcFail = "dmarc_fail";
    /// Claims to be an answer, but answers nothing.
    FalseAnswer = "false_answer";
    /// The domain of the sender imitates Latin letters.
    SenderConfusable = "sender_confusable";
    /// The link shown is another than the real one.
    LinkShownDiffers = "link_shown_differs";
    /// Link to a bare IP address.
    LinkAddress = "link_address";
    /// Link shortener.
    LinkShort = "link_short";
    /// Page on free hosting.
    LinkFreeHost = "link_free_host";
    /// Punycode or letters that imitate others in a link.
    LinkConfusable = "link_confusable";
    /// A name in front of the real host.
    LinkUser = "link_user";
    /// A brand's name in a host that is not the brand's.
    LinkBrand = "link_brand";
    /// Link with an ending that abuse prefers.
    LinkEnding = "link_ending";
    /// The recipient's address in a link.
    LinkRecipient = "link_recipient";
    /// A link that leads on through another site.
    LinkRedirect = "link_redirect";
    /// Page in cloud storage.
    LinkStorage = "link_storage";
    /// Link to a program or archive.
    LinkProgram = "link_program";
    /// Link that is a page or a script by itself.
    LinkScript = "link_script";
    /// No link leads to the sender's organisation, though there are some.
    LinkAllElsewhere = "link_all_elsewhere";
    /// One single place is linked, and it is not the sender's.
    LinkSingleElsewhere = "link_single_elsewhere";
    /// Unencrypted link.
    LinkPlain = "link_plain";
    /// Link with a port.
    LinkPort = "link_port";
    /// Host that looks made by a machine.
    LinkRandom = "link_random";
    /// Form to fill in online.
    LinkForm = "link_form";
    /// Password field in the mail.
    FormPassword = "form_password";
    /// Form in the mail.
    Form = "form";
    /// Little but a picture with a link.
    PictureOnly = "picture_only";
    /// Script in the mail.
    Script = "script";
    /// The mail moves on by itself.
    Refresh = "refresh";
    /// Text that no eye sees.
    HiddenText = "hidden_text";
    /// Invisible characters within words.
    ZeroWidth = "zero_width";
    /// Letters of other alphabets within words.
    MixedLetters = "mixed_letters";
    /// A program is attached.
    AttachedProgram = "attached_program";
    /// Two endings, the last one a program's.
    AttachedDouble = "attached_double";
    /// HTML attached.
    AttachedPage = "attached_page";
    /// HTML attached that builds a file or asks for a password.
    AttachedSmuggling = "attached_smuggling";
    /// Macros.
    AttachedMacro = "attached_macro";
    /// Locked archive.
    AttachedLocked = "attached_locked";
    /// Locked archive with its password in the text.
    AttachedLockedPassword = "attached_locked_password";
    /// Archive with a program in it.
    AttachedArchiveProgram = "attached_archive_program";
    /// The content is not what the name says.
    AttachedDisguised = "attached_disguised";
    /// The name is turned around by invisible characters.
    AttachedReversed = "attached_reversed";
    /// Script within an SVG picture.
    AttachedSvg = "attached_svg";
    /// The EICAR test file.
    AttachedTest = "attached_test";
    /// Orders to paste something into a system window.
    ClickFix = "click_fix";
    /// New bank details.
    BankChange = "bank_change";
    /// Payment pressed for.
    PaymentPressure = "payment_pressure";
    /// Gift cards.
    GiftCards = "gift_cards";
    /// Haste.
    Urgency = "urgency";
    /// Asks to confirm or enter access data.
    AsksAccess = "asks_access";
    /// Says an account will be closed.
    AccountThreat = "account_threat";
    /// Prize, inheritance, donation.
    Windfall = "windfall";
    /// Extortion.
    Extortion = "extortion";
    /// Small fee for a parcel.
    ParcelFee = "parcel_fee";
    /// Refund or fine with a link.
    Refund = "refund";
    /// Impersonal salutation.
    Impersonal = "impersonal";
    /// Call a number because of a charge.
    CallBack = "call_back";
    /// Mailbox full or to be upgraded.
    MailboxFull = "mailbox_full";
    /// Shared document to open.
    SharedDocument = "shared_document";
    /// Secrecy asked for.
    Secrecy = "secrecy";
    /// A brand in the text, and links that are not the brand's.
    BrandLinksElsewhere = "brand_links_elsewhere";
    /// The sender's domain is that of a brand.
    SenderOfficial = "sender_official";
    /// Sender and every link are of one brand or office.
    AllOfficial = "all_official";
    /// Calls to available now: asks whether one is free for a quick task.
    QuickTask = "quick_task";
}

/// A fact with the word or name that it was seen in, for the reason's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was found.
    pub fact: Fact,
    /// What it was seen in; may be empty.
    pub detail: String,
}

/// Everything that was found in one message.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    found: Vec<Found>,
}

impl Facts {
    /// Looks at a letter.
    #[must_use]
    pub fn of(letter: &Letter) -> Self {
        let mut facts = Self::default();
        sender::look(letter, &mut facts);
        links::look(letter, &mut facts);
        page::look(letter, &mut facts);
        attached::look(letter, &mut facts);
        phrases::look(letter, &mut facts);
        facts
    }

    /// Whether a fact was found.
    #[must_use]
    pub fn has(&self, fact: Fact) -> bool {
        self.found.iter().any(|found| found.fact == fact)
    }

    /// Whether any of these was found.
    #[must_use]
    pub fn any(&self, facts: &[Fact]) -> bool {
        facts.iter().any(|fact| self.has(*fact))
    }

    /// All, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Found> {
        self.found.iter()
    }

    /// Adds a fact once; the first detail stays.
    pub(super) fn add(&mut self, fact: Fact, detail: &str) {
        if !self.has(fact) {
            self.found
                .push(Found { fact, detail: detail.chars().filter(|letter| !letter.is_control()).take(120).collect() });
        }
    }

    /// Adds a fact when it is true.
    pub(super) fn add_if(&mut self, holds: bool, fact: Fact, detail: &str) {
        if holds {
            self.add(fact, detail);
        }
    }
}
