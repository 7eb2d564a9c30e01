//! `tinytummy analyse`, as a shell sees it.

mod support;

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use support::binary::{run, text, tinytummy};

fn analyse(arguments: &[&str], meals: &[u8]) -> (bool, String, String) {
    let mut child = tinytummy()
        .arg("analyse")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut input = child.stdin.take().expect("its input");
    let meals = meals.to_owned();
    let writer = std::thread::spawn(move || {
        // It may refuse its arguments and never read.
        let _ = input.write_all(&meals);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("all was written");
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

fn lines(answer: &str) -> Vec<Value> {
    answer
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect()
}

#[test]
fn each_line_gets_one_object_of_the_documented_shape() {
    let (well, answer, _) = analyse(&[], "half a banana and 2 tbsp oatmeal\n\nzorbles\r\n1 egg".as_bytes());
    assert!(well);
    let meals = lines(&answer);
    assert_eq!(
        meals.len(),
        4,
        "an empty line is answered too, and a last line without its end"
    );
    for meal in &meals {
        for key in [
            "detected_foods",
            "estimated_quantities",
            "nutrition_breakdown",
            "confidence_score",
            "analysis_notes",
            "items",
            "warnings",
            "not_understood",
            "origin",
        ] {
            assert!(meal.get(key).is_some(), "{key} is missing: {meal}");
        }
        assert_eq!(
            meal["nutrition_breakdown"].as_object().map(serde_json::Map::len),
            Some(12)
        );
        assert_eq!(meal["origin"]["reader"], "local");
    }
    assert_eq!(meals[0]["items"].as_array().map(Vec::len), Some(2), "{}", meals[0]);
    assert_eq!(meals[1]["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(meals[2]["not_understood"][0], "zorbles");
}

#[test]
fn the_same_meals_give_the_same_bytes() {
    let meals = "porridge with honey\nscrambled egg, toast\n60 ml breast milk\n".repeat(50);
    let arguments = ["--age-months", "9", "--allergies", "egg,milk"];
    assert_eq!(
        analyse(&arguments, meals.as_bytes()),
        analyse(&arguments, meals.as_bytes())
    );
}

#[test]
fn age_and_allergies_decide_the_warnings() {
    let rules = |arguments: &[&str], meal: &str| -> Vec<String> {
        let (well, answer, said) = analyse(arguments, meal.as_bytes());
        assert!(well, "{said}");
        let warnings = lines(&answer)[0]["warnings"].as_array().cloned().unwrap_or_default();
        warnings
            .iter()
            .map(|warning| warning["rule"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert!(rules(&["--age-months", "11"], "1 tsp honey").contains(&"honey".to_owned()));
    assert!(!rules(&["--age-months", "12"], "1 tsp honey").contains(&"honey".to_owned()));
    assert!(!rules(&["--allergies", "egg"], "1 egg").is_empty());
    assert!(rules(&[], "1 egg").is_empty());
}

#[test]
fn a_reader_that_waits_for_each_answer_gets_it() {
    let mut child = tinytummy()
        .arg("analyse")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut input = child.stdin.take().expect("its input");
    let mut answers = BufReader::new(child.stdout.take().expect("its output")).lines();
    for meal in ["1 banana", "1 egg"] {
        writeln!(input, "{meal}").expect("it reads");
        let answer = answers.next().expect("an answer").expect("text");
        assert_eq!(lines(&answer).len(), 1);
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn bad_input_is_answered_and_never_ends_it() {
    let mut meals = Vec::new();
    meals.extend_from_slice(&[b'a'; 100_000]);
    meals.push(b'\n');
    meals.extend_from_slice("banana ".repeat(20_000).as_bytes());
    meals.push(b'\n');
    meals.extend_from_slice(b"\xff\xfe\x00 banana\n\x07\x1b[31mbanana\n");
    meals.extend_from_slice("🍌🍌 و موز \u{202e}ananab '; drop table meals; -- <script>\n".as_bytes());
    let (well, answer, said) = analyse(&["--age-months", "7"], &meals);
    assert!(well, "{said}");
    assert_eq!(lines(&answer).len(), 5);
}

#[test]
fn what_it_cannot_take_is_refused_with_the_choices() {
    let (well, _, said) = analyse(&["--allergies", "gluten,moon"], b"");
    assert!(!well);
    assert!(said.contains("\"moon\"") && said.contains("peanut"), "{said}");

    let (well, _, said) = analyse(&["--foods", "/nowhere/foods.bin"], b"");
    assert!(!well);
    assert!(said.contains("/nowhere/foods.bin"), "{said}");

    let (well, _, said) = analyse(&["--foods", env!("CARGO_BIN_EXE_tinytummy")], b"");
    assert!(!well);
    assert!(said.contains("not a food file"), "{said}");
}

#[test]
fn a_food_file_is_built_from_tables_and_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name);
    std::fs::write(
        path("foods.csv"),
        "id,name,kcal,protein_g\n00001,\"Moonfruit, raw\",50,1\n",
    )
    .expect("a file");
    std::fs::write(path("portions.csv"), "id,amount,unit,grams\n00001,1,fruit,40\n").expect("a file");
    let build = |name: &str| {
        run(tinytummy()
            .args(["foods", "build", "--name", "moon-1", "--foods"])
            .arg(path(name))
            .arg("--portions")
            .arg(path("portions.csv"))
            .arg("--out")
            .arg(path("moon.bin")))
    };
    let built = build("foods.csv");
    assert!(built.status.success(), "{}", text(&built.stderr));

    let (well, answer, said) = analyse(
        &["--foods", path("moon.bin").to_str().expect("a name")],
        b"1 moonfruit\n",
    );
    assert!(well, "{said}");
    let meal = &lines(&answer)[0];
    assert_eq!(meal["items"][0]["food"], "moon:00001", "{meal}");
    assert_eq!(meal["origin"]["food_file"], "moon-1");

    std::fs::write(path("broken.csv"), "id,name,kcal\n00001,Moonfruit,plenty\n").expect("a file");
    let built = build("broken.csv");
    assert!(!built.status.success());
    assert!(text(&built.stderr).contains("line 2"), "{}", text(&built.stderr));
}

#[test]
fn foods_come_from_an_export_or_from_tables_of_ones_own_and_never_from_half_a_pair() {
    let refused = |arguments: &[&str]| {
        let built = run(tinytummy()
            .args(["foods", "build", "--name", "moon-1", "--out", "/nowhere/moon.bin"])
            .args(arguments));
        assert!(!built.status.success());
        text(&built.stderr)
    };
    let said = refused(&["--fdc", "a.zip", "--foods", "foods.csv"]);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = refused(&["--foods", "foods.csv"]);
    assert!(said.contains("--portions <CSV>"), "{said}");
    let said = refused(&["--fdc", "/nowhere/a.zip"]);
    assert!(said.contains("/nowhere/a.zip"), "{said}");
}
