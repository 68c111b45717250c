//! The `tieout` program: everything is in the library.

fn main() -> std::process::ExitCode {
    tieout::cli::run()
}
