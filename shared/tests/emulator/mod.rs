//! The local AWS, started once for a test program.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use serde_json::Value;

/// Its URL.
pub fn url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(start)
}

fn start() -> String {
    let python = project().join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: run the tests by `make test`", python.display());
    let (ready, wait) = mpsc::channel();
    // The emulator ends with the thread that started it, so this one lasts as long as the tests do.
    thread::spawn(move || {
        let mut emulator = Command::new(python)
            .args(["-m", "emulator", "--port", "0"])
            .env("PYTHONPATH", project().join("tests"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        for line in BufReader::new(emulator.stdout.take().unwrap()).lines() {
            if let Some(url) = line.unwrap().strip_prefix("ready ") {
                ready.send(url.to_owned()).unwrap();
            }
        }
        emulator.wait().unwrap();
    });
    wait.recv().expect("the emulator starts")
}

/// The way to it as an account.
pub fn loader(account: &str) -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .endpoint_url(url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(account, "any", None, None, "test"))
}

/// Asks its control API.
pub fn control(method: &str, path: &str, body: &Value) -> Value {
    let address = url().strip_prefix("http://").unwrap();
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} /_emulator/{path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.split_whitespace().nth(1) == Some("200"), "{method} {path}: {answer}");
    serde_json::from_str(body).unwrap()
}

/// The sample Organization: ids of what is in it.
pub fn organization() -> &'static Value {
    static SAMPLE: OnceLock<Value> = OnceLock::new();
    SAMPLE.get_or_init(|| run(&["-m", "emulator.organization_sample", url()], &[]))
}

/// A network load balancer in one of the sample's accounts, by the aws CLI; its ARN.
pub fn create_load_balancer(account: &str, name: &str) -> String {
    let subnet = organization()["networks"][account]["subnet_ids"][0].as_str().unwrap();
    let made = command_line(
        account,
        &["elbv2", "create-load-balancer", "--type", "network", "--name", name, "--subnets", subnet],
    );
    made["LoadBalancers"][0]["LoadBalancerArn"].as_str().unwrap().to_owned()
}

/// What the aws CLI answers as one of the sample's accounts.
pub fn command_line(account: &str, arguments: &[&str]) -> Value {
    run(
        &[&["-m", "awscli"], arguments].concat(),
        &[
            ("AWS_ENDPOINT_URL", url()),
            ("AWS_ACCESS_KEY_ID", account),
            ("AWS_SECRET_ACCESS_KEY", "any"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
        ],
    )
}

/// Runs Python, which prints JSON.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Value {
    let mut command = Command::new(project().join(".venv/bin/python"));
    command.args(arguments).env("PYTHONPATH", project().join("tests")).envs(environment.iter().copied());
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
