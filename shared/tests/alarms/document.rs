//! The sections of `docs/alarms.md` that tests write.

/// Tests run beside each other, and the document is one.
static WRITING: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Holds a section of the document to what was counted, or writes it.
pub fn check_section(title: &str, section: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/alarms.md");
    let (begin, end) = (format!("<!-- {title}: written by a test -->\n"), format!("<!-- end of {title} -->"));
    let _writing = WRITING.lock().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(&begin).unwrap();
    let (there, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, format!("{before}{begin}{section}{end}{after}")).unwrap();
    } else {
        assert_eq!(there, section, "run `UPDATE_GOLDEN=1 make core` and commit");
    }
}
