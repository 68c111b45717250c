//! What stops a run: one variant per fact that a person can act on.
//!
//! A problem in the data is not here; it is a [`Diagnostic`](crate::diagnostic::Diagnostic), and the run goes on.

use std::io;
use std::path::PathBuf;

/// Exit codes, a public promise (contract, section 4). 101 and 134 are always bugs.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// Unexpected: a bug, or an internal identity that does not hold. Nothing is published.
    pub const UNEXPECTED: u8 = 1;
    /// Usage or configuration.
    pub const USAGE: u8 = 2;
    /// Input unusable.
    pub const INPUT: u8 = 3;
    /// Publish failed.
    pub const PUBLISH: u8 = 4;
    /// Another build is running.
    pub const BUSY: u8 = 5;
    /// Done, with findings at or above `--fail-on`.
    pub const FINDINGS: u8 = 10;
}

/// What stops a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An identity of the product does not hold, such as "the buckets add up to the total".
    #[error("internal check failed: {0}")]
    Identity(String),

    /// A restricted tree holds a value that its audience may not see. Nothing is published.
    #[error("restricted pages hold what their audience may not see: {what}")]
    Leak {
        /// Each file with the kind and the text of what it holds.
        what: String,
    },

    /// The configuration file or a command-line value cannot be used.
    #[error("{message}")]
    Usage {
        /// The violated fact.
        message: String,
        /// The next action.
        help: String,
    },

    /// Content or a template is missing, unreadable or points nowhere. Every problem is listed.
    #[error("{}", problems.join("\n  "))]
    Content {
        /// One sentence per problem, each with its file.
        problems: Vec<String>,
    },

    /// At least one input file cannot be used; the diagnostics name each of them.
    #[error("{count} problem(s) make the input unusable; nothing is published")]
    InputUnusable {
        /// How many diagnostics of that severity were reported.
        count: usize,
    },

    /// The input folder holds no snapshot that could be shown.
    #[error("{message}")]
    NoInput {
        /// What was looked for and where.
        message: String,
        /// The next action.
        help: String,
    },

    /// A file or folder of the input, the content or the templates cannot be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The path as the user gave it.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },

    /// A file cannot be written, synced or renamed while publishing. The previous site stays.
    #[error("failed to {action} `{}`", path.display())]
    Publish {
        /// What was tried, as a verb: "write", "rename", "sync".
        action: &'static str,
        /// The path it was tried on.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },

    /// The folder to publish into is refused before any work starts.
    #[error("refusing to publish into `{}`: {reason}", path.display())]
    Target {
        /// The target.
        path: PathBuf,
        /// Why, in plain words.
        reason: String,
        /// The next action.
        help: String,
    },

    /// Another build holds the lock of the target.
    #[error("another build is writing `{}`{holder}", path.display())]
    Busy {
        /// The target.
        path: PathBuf,
        /// What is known of the other build, such as " (process 4711)", or empty.
        holder: String,
    },
}

impl Error {
    /// The exit code of the contract, section 4.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Identity(_) | Error::Leak { .. } => exit::UNEXPECTED,
            Error::Usage { .. } | Error::Content { .. } => exit::USAGE,
            Error::InputUnusable { .. } | Error::NoInput { .. } | Error::Read { .. } => exit::INPUT,
            Error::Publish { .. } | Error::Target { .. } => exit::PUBLISH,
            Error::Busy { .. } => exit::BUSY,
        }
    }

    /// The next action, apart from the message.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::Usage { help, .. } | Error::NoInput { help, .. } | Error::Target { help, .. } => {
                Some(help.clone())
            }
            Error::Identity(_) => {
                Some("this is a bug in tieout; nothing was published, the last good site stays".to_owned())
            }
            Error::Leak { .. } => Some(
                "take it out of what they are told: the sentences for customers in content/, content/customer/page.md and \
                 templates/customer.html, or of an [[audience]] its answers; or add to its policy the column, or what answers mention, \
                 if it may see it; nothing was published, the last good site stays"
                    .to_owned(),
            ),
            Error::Content { .. } => Some("correct the files named above and build again".to_owned()),
            Error::InputUnusable { .. } => {
                Some("correct the files named above and build again; the last good site stays".to_owned())
            }
            Error::Read { .. } => Some("check that the file exists and can be read by this user".to_owned()),
            Error::Publish { .. } => Some(
                "check free space and permissions, then build again; the last good site stays".to_owned(),
            ),
            Error::Busy { .. } => {
                Some("wait until it ends, or build into another folder with --output".to_owned())
            }
        }
    }
}
