//! What a file is, as far as the models tell files apart.

/// A language or a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Windows PowerShell, and command lines that call it.
    PowerShell,
    /// JavaScript, and `JScript` of Windows Script Host.
    JavaScript,
    /// VBScript of Windows Script Host and of HTML applications.
    VbScript,
    /// Macros of Office documents.
    Vba,
    /// Shell of Unix.
    Shell,
    /// Python.
    Python,
    /// PHP.
    Php,
    /// A Windows program or library.
    Pe,
    /// A program or library of Linux and its kin.
    Elf,
}

impl Kind {
    /// The languages, in the order in which the model file has them.
    pub const SCRIPTS: [Self; 7] =
        [Self::PowerShell, Self::JavaScript, Self::VbScript, Self::Vba, Self::Shell, Self::Python, Self::Php];

    /// All, languages first.
    pub const ALL: [Self; 9] = [
        Self::PowerShell,
        Self::JavaScript,
        Self::VbScript,
        Self::Vba,
        Self::Shell,
        Self::Python,
        Self::Php,
        Self::Pe,
        Self::Elf,
    ];

    /// The stable word, which findings name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PowerShell => "powershell",
            Self::JavaScript => "javascript",
            Self::VbScript => "vbscript",
            Self::Vba => "vba_macro",
            Self::Shell => "shell",
            Self::Python => "python",
            Self::Php => "php",
            Self::Pe => "windows_program",
            Self::Elf => "linux_program",
        }
    }

    /// Whether it is a script or a macro.
    #[must_use]
    pub const fn is_script(self) -> bool {
        !matches!(self, Self::Pe | Self::Elf)
    }
}
