//! What the command says without AWS: about itself, and about documents in a folder.

use crate::session::{Transcript, command, tests};

/// Compares what is said of the sample documents.
fn check(name: &str, sessions: &[&[&str]]) {
    let mut transcript = Transcript::default();
    for arguments in sessions {
        transcript.run(&mut command(&tests().join("documents")), arguments);
    }
    transcript.check(name);
}

#[test]
fn help_names_every_command_option_and_environment_variable() {
    check(
        "help",
        &[
            &["--help"],
            &["validate", "--help"],
            &["explain", "--help"],
            &["approve", "--help"],
            &["refuse", "--help"],
            &["adopt", "--help"],
        ],
    );
}

#[test]
fn wrong_arguments_end_as_not_told_and_say_what_is_right() {
    check(
        "wrong_arguments",
        &[
            &["exlain"],
            &["explain", "vpce-svc-0a1b2c3d4e5f60718", "--source", "file:good"],
            &["explain", "vpce-0f1e2d3c4b5a69788"],
            &["explain", "vpce-0f1e2d3c4b5a69788", "--source", "s3:bucket"],
        ],
    );
}

#[test]
fn documents_without_a_fault_are_valid() {
    check("validate_good", &[&["validate", "good"], &["validate", "good", "--format", "json"]]);
}

#[test]
fn all_faults_of_both_documents_are_told_with_file_line_and_column() {
    check("validate_faulty", &[&["validate", "faulty"], &["validate", "--source", "file:faulty", "--format", "json"]]);
}

#[test]
fn warning_fails_only_when_warnings_are_denied() {
    check("validate_warning", &[&["validate", "warning"], &["validate", "warning", "--deny-warnings"]]);
}

#[test]
fn document_that_is_missing_does_not_hide_the_faults_of_the_other() {
    check("validate_half", &[&["validate", "half"], &["validate", "nowhere"]]);
}

#[test]
fn source_is_taken_from_the_environment_and_else_is_this_folder() {
    let mut transcript = Transcript::default();
    transcript.run(command(&tests().join("documents")).env("DRAWBRIDGE_SOURCE", "file:good"), &["validate"]);
    transcript.run(&mut command(&tests().join("documents/faulty")), &["validate"]);
    transcript.run(command(&tests().join("documents")).env("DRAWBRIDGE_SOURCE", "file:faulty"), &["validate", "good"]);
    transcript.check("validate_source");
}

#[test]
fn connection_is_not_explained_by_documents_that_are_not_valid() {
    let endpoint = "vpce-0f1e2d3c4b5a69788";
    check("faulty_rules", &[&["explain", endpoint, "--source", "file:faulty"]]);
}
