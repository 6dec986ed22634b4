//! The facts that are known to matter, each with a stable code.

use super::{attached, bait, codes, links, manner, page, phrases, sender, ties, tongue};
use crate::read::Letter;

/// How much a fact says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Speaks for the sender.
    Good,
    /// Common in honest mail too; says something beside others.
    Weak,
    /// Seldom in honest mail.
    Support,
    /// Rare in honest mail, and hostile with any other sign.
    Strong,
    /// So dangerous that the message is held whoever sent it.
    Grave,
    /// All but unknown in honest mail: settles the matter.
    Certain,
}

/// Makes the enumeration, the list of all, and the codes from one table.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $strength:ident;)*) => {
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

            /// How much it says by itself, before anything was learned.
            #[must_use]
            pub const fn strength(self) -> Strength {
                match self { $(Self::$name => Strength::$strength,)* }
            }
        }
    };
}

facts! {
    /// No address in From.
    SenderMissing = "sender_missing", Weak;
    /// The name shown holds another address than the real one.
    SenderNameAddress = "sender_name_address", Strong;
    /// The name shown is a brand's, the domain is not.
    SenderBrand = "sender_brand", Strong;
    /// The sender's domain looks like a brand's.
    SenderLookalike = "sender_lookalike", Strong;
    /// Answers go to another organisation.
    ReplyElsewhere = "reply_elsewhere", Weak;
    /// Answers go to a free mailbox, the sender has none.
    ReplyFree = "reply_free", Support;
    /// The envelope's sender is another organisation.
    ReturnElsewhere = "return_elsewhere", Weak;
    /// Free mailbox.
    SenderFree = "sender_free", Weak;
    /// A public office or a role in it, from a free mailbox.
    SenderRoleFree = "sender_role_free", Strong;
    /// The sender's ending of domain is one that abuse prefers.
    SenderEnding = "sender_ending", Support;
    /// The sender's address looks made by a machine.
    SenderRandom = "sender_random", Support;
    /// From the recipient's own domain, although checks failed.
    SenderOwnDomain = "sender_own_domain", Strong;
    /// SPF failed at the receiving server.
    SpfFail = "spf_fail", Support;
    /// DKIM failed at the receiving server.
    DkimFail = "dkim_fail", Weak;
    /// DMARC failed at the receiving server.
    DmarcFail = "dmarc_fail", Support;
    /// Claims to be an answer, but answers nothing.
    FalseAnswer = "false_answer", Weak;
    /// The domain of the sender imitates Latin letters.
    SenderConfusable = "sender_confusable", Strong;
    /// The link shown is another than the real one.
    LinkShownDiffers = "link_shown_differs", Strong;
    /// Link to a bare IP address.
    LinkAddress = "link_address", Support;
    /// Link shortener.
    LinkShort = "link_short", Support;
    /// Page on free hosting.
    LinkFreeHost = "link_free_host", Support;
    /// Punycode or letters that imitate others in a link.
    LinkConfusable = "link_confusable", Strong;
    /// A name in front of the real host.
    LinkUser = "link_user", Strong;
    /// A brand's name in a host that is not the brand's.
    LinkBrand = "link_brand", Strong;
    /// Link with an ending that abuse prefers.
    LinkEnding = "link_ending", Support;
    /// The recipient's address in a link.
    LinkRecipient = "link_recipient", Support;
    /// A link that leads on through another site.
    LinkRedirect = "link_redirect", Weak;
    /// Page in cloud storage.
    LinkStorage = "link_storage", Support;
    /// Link to a program or archive.
    LinkProgram = "link_program", Support;
    /// Link that is a page or a script by itself.
    LinkScript = "link_script", Support;
    /// No link leads to the sender's organisation, though there are some.
    LinkAllElsewhere = "link_all_elsewhere", Weak;
    /// One single place is linked, and it is not the sender's.
    LinkSingleElsewhere = "link_single_elsewhere", Weak;
    /// Unencrypted link.
    LinkPlain = "link_plain", Weak;
    /// Link with a port.
    LinkPort = "link_port", Weak;
    /// Host that looks made by a machine.
    LinkRandom = "link_random", Support;
    /// Form to fill in online.
    LinkForm = "link_form", Weak;
    /// Password field in the mail.
    FormPassword = "form_password", Grave;
    /// Form in the mail.
    Form = "form", Weak;
    /// Little but a picture with a link.
    PictureOnly = "picture_only", Weak;
    /// Script in the mail.
    Script = "script", Weak;
    /// The mail moves on by itself.
    Refresh = "refresh", Weak;
    /// Text that no eye sees.
    HiddenText = "hidden_text", Support;
    /// Invisible characters within words.
    ZeroWidth = "zero_width", Strong;
    /// Letters of other alphabets within words.
    MixedLetters = "mixed_letters", Strong;
    /// A program is attached.
    AttachedProgram = "attached_program", Grave;
    /// Two endings, the last one a program's.
    AttachedDouble = "attached_double", Certain;
    /// HTML attached.
    AttachedPage = "attached_page", Support;
    /// HTML attached that builds a file or asks for a password.
    AttachedSmuggling = "attached_smuggling", Grave;
    /// Macros.
    AttachedMacro = "attached_macro", Support;
    /// Locked archive.
    AttachedLocked = "attached_locked", Support;
    /// Locked archive with its password in the text.
    AttachedLockedPassword = "attached_locked_password", Grave;
    /// Archive with a program in it.
    AttachedArchiveProgram = "attached_archive_program", Grave;
    /// The content is not what the name says.
    AttachedDisguised = "attached_disguised", Certain;
    /// The name is turned around by invisible characters.
    AttachedReversed = "attached_reversed", Certain;
    /// Script within an SVG picture.
    AttachedSvg = "attached_svg", Grave;
    /// The EICAR test file.
    AttachedTest = "attached_test", Certain;
    /// Orders to paste something into a system window.
    ClickFix = "click_fix", Certain;
    /// New bank details.
    BankChange = "bank_change", Strong;
    /// Payment pressed for.
    PaymentPressure = "payment_pressure", Support;
    /// Gift cards.
    GiftCards = "gift_cards", Strong;
    /// Haste.
    Urgency = "urgency", Weak;
    /// Asks to confirm or enter access data.
    AsksAccess = "asks_access", Support;
    /// Says an account will be closed.
    AccountThreat = "account_threat", Support;
    /// Prize, inheritance, donation.
    Windfall = "windfall", Support;
    /// Extortion.
    Extortion = "extortion", Strong;
    /// Small fee for a parcel.
    ParcelFee = "parcel_fee", Support;
    /// Refund or fine with a link.
    Refund = "refund", Support;
    /// Impersonal salutation.
    Impersonal = "impersonal", Weak;
    /// Call a number because of a charge.
    CallBack = "call_back", Support;
    /// Mailbox full or to be upgraded.
    MailboxFull = "mailbox_full", Support;
    /// Shared document to open.
    SharedDocument = "shared_document", Support;
    /// Secrecy asked for.
    Secrecy = "secrecy", Support;
    /// A brand in the text, and links that are not the brand's.
    BrandLinksElsewhere = "brand_links_elsewhere", Support;
    /// The sender's domain is that of a brand.
    SenderOfficial = "sender_official", Good;
    /// Sender and every link are of one brand or office.
    AllOfficial = "all_official", Good;
    /// Calls to available now: asks whether one is free for a quick task.
    QuickTask = "quick_task", Support;
    /// From and To are the same address.
    SenderIsRecipient = "sender_is_recipient", Support;
    /// The recipient's address stands in the subject or where a name belongs.
    NamesRecipient = "names_recipient", Support;
    /// A number or code ends the subject, as machines write it to make each message another.
    SubjectCode = "subject_code", Weak;
    /// A subject in capitals, with rows of marks, or with pictures for words.
    SubjectShouts = "subject_shouts", Weak;
    /// Signs in the sender's name that no name has.
    SenderNameOdd = "sender_name_odd", Support;
    /// A support desk, a team or a service by its name, from a domain to which no link leads.
    SenderRoleElsewhere = "sender_role_elsewhere", Support;
    /// Plain letters written in a coding that only hides them from filters.
    CodedNeedlessly = "coded_needlessly", Weak;
    /// HTML without the plain text that honest programs send along.
    PageOnly = "page_only", Weak;
    /// Wallets, coins and balances to withdraw.
    CoinBait = "coin_bait", Support;
    /// What spam sells.
    SpamOffer = "spam_offer", Support;
    /// Sent through a list or a bulk sender that says so, and whose way out leads to the sender or a known bulk service.
    BulkProper = "bulk_proper", Good;
    /// The page pushes text far below what anybody sees, to fill it with honest words.
    FarBelow = "far_below", Strong;
    /// A link through the open door of a well-known site.
    LinkBorrowed = "link_borrowed", Support;
    /// A sender under the name of a service where anybody opens an account.
    SenderTenant = "sender_tenant", Support;
    /// A page of few words that pulls to one place, which is not the sender's.
    ShortPull = "short_pull", Support;
    /// Most links lead to the sender's own organisation.
    LinksOwn = "links_own", Good;
    /// Many different links, as newsletters have.
    ManyLinks = "many_links", Good;
    /// Police or a court that threatens by mail.
    FalseAuthority = "false_authority", Support;
    /// A code to scan with a phone, for access.
    QrAsks = "qr_asks", Support;
    /// An office of one's own house by its name, from a domain of strangers.
    SenderRoleOutside = "sender_role_outside", Support;
    /// Answers an earlier message and quotes it.
    Conversation = "conversation", Good;
    /// The receiving server found the domain of a known sender to be true (DMARC).
    SenderProven = "sender_proven", Good;
    /// The recipient's own domain in the name shown, and a stranger's address behind it.
    SenderPosesAsHouse = "sender_poses_as_house", Strong;
    /// The sender's domain looks like the recipient's, or like that of a comune, and is neither.
    SenderNearHouse = "sender_near_house", Strong;
    /// No recipient is named.
    RecipientHidden = "recipient_hidden", Weak;
    /// Sent to many people who have nothing to do with one another.
    ManyStrangers = "many_strangers", Support;
    /// Nothing of the name shown stands in the address.
    SenderNameApart = "sender_name_apart", Weak;
    /// A free mailbox in whose address nothing of the name shown stands.
    SenderFreeApart = "sender_free_apart", Support;
    /// A button that writes to a free mailbox.
    AnswerByMail = "answer_by_mail", Support;
    /// Whatever is clicked leads to the same place, which is not the sender's.
    LinksAllSame = "links_all_same", Support;
    /// A page in a folder of somebody's web site where no pages belong.
    LinkHacked = "link_hacked", Support;
    /// Words such as login or verify in a link that is not the sender's.
    LinkBait = "link_bait", Support;
    /// Pictures from a place where anybody leaves them, or a brand's own, by a sender who is not the brand.
    PictureBorrowed = "picture_borrowed", Support;
    /// Plain letters written as numbers to hide them from filters.
    CodedLetters = "coded_letters", Strong;
    /// Access data are asked for, and the only way leads to strangers.
    AccessElsewhere = "access_elsewhere", Strong;
    /// Money is asked for or promised, and the only way leads to strangers.
    PayElsewhere = "pay_elsewhere", Support;
    /// In the name of a brand that is not the sender's something is asked for.
    BrandAsks = "brand_asks", Strong;
    /// A free mailbox with a prize, a threat, coins, gift cards or a quick task.
    FreeBait = "free_bait", Strong;
    /// Says that it is bulk mail, and its way out leads to neither sender nor a known service.
    BulkOdd = "bulk_odd", Weak;
    /// From the recipient's own domain, and the receiving server found that true.
    FromHouse = "from_house", Good;
    /// A note from an organisation without links that asks for nothing.
    PlainNote = "plain_note", Good;
    /// Every link leads to a public office, a known firm or the sender.
    LinksKnown = "links_known", Good;
    /// Signed by other domains only.
    SignedElsewhere = "signed_elsewhere", Weak;
    /// Sent by a script of a web site.
    ByScript = "by_script", Weak;
    /// A QR code that leads to strangers.
    QrLink = "qr_link", Support;
    /// A link within an attached document that leads to strangers.
    FileLink = "file_link", Weak;
    /// A few words and one link to strangers.
    BriefLink = "brief_link", Weak;
    /// New bank details from a sender about whom something is wrong.
    BankChangeDoubt = "bank_change_doubt", Strong;
    /// A QR code drawn with letters or table cells, so that filters see no picture.
    QrPage = "qr_page", Support;
    /// Written in the language of one country from the domain of another, far one.
    SenderAbroad = "sender_abroad", Support;
    /// Written in the language of one country, and a link leads to the domain of another.
    LinkAbroad = "link_abroad", Support;
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
        manner::good_signs(letter, &mut facts);
        links::look(letter, &mut facts);
        ties::look(letter, &mut facts);
        tongue::look(letter, &mut facts);
        manner::look(letter, &mut facts);
        page::look(letter, &mut facts);
        attached::look(letter, &mut facts);
        codes::look(letter, &mut facts);
        phrases::look(letter, &mut facts);
        bait::look(letter, &mut facts);
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

    /// How many facts of a strength were found.
    #[must_use]
    pub fn of_strength(&self, strength: Strength) -> usize {
        self.found.iter().filter(|found| found.fact.strength() == strength).count()
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
