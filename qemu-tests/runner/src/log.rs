//! Decodes what a guest logs with `defmt`: its frames hold numbers, the texts are in its ELF file.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use defmt_decoder::{DecodeError, Locations, Table};
use object::{Object, ObjectSection};
use protocol::LogFrame;

/// How much is logged where `DEFMT_LOG` does not say.
const DEFAULT_FILTER: &str = "info";

/// What of a program's log statements is compiled in: a value of `DEFMT_LOG`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter(String);

impl Filter {
    /// This one.
    pub fn new(text: &str) -> Filter {
        Filter(text.into())
    }

    /// The user's `DEFMT_LOG`, or `info`.
    pub fn of_user() -> Filter {
        let text = std::env::var(VARIABLE).ok();
        Filter(text.unwrap_or_else(|| DEFAULT_FILTER.into()))
    }

    /// The value of [`VARIABLE`].
    pub fn value(&self) -> &str {
        &self.0
    }
}

/// The variable that defmt's macros read when a program is built.
pub const VARIABLE: &str = "DEFMT_LOG";

/// Whether levels get colours: on a terminal, unless the user's `NO_COLOR` says otherwise.
pub fn colours() -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !forbidden
}

/// The decoder of one program's frames.
pub struct Log {
    program: PathBuf,
    colours: bool,
    /// Read when the first frame comes: most programs log nothing.
    texts: Option<Result<Texts, String>>,
    /// Why the first frame that could not be decoded could not.
    failure: Option<String>,
}

impl Log {
    /// For the frames of this program.
    pub fn new(program: &Path, colours: bool) -> Log {
        Log {
            program: program.into(),
            colours,
            texts: None,
            failure: None,
        }
    }

    /// The frame as a line for people. One that cannot be decoded gives a line that says so.
    pub fn line(&mut self, frame: &LogFrame<'_>) -> String {
        let program = &self.program;
        let texts = self
            .texts
            .get_or_insert_with(|| read(program).map_err(|error| format!("{error:#}")));
        let core = frame.core();
        let bytes: Vec<u8> = frame.bytes().collect();
        let text = match texts {
            Ok(texts) => decode(texts, core, &bytes, self.colours),
            Err(error) => Err(error.clone()),
        };
        text.unwrap_or_else(|error| self.fail(format!("core {core}: {error}")))
    }

    /// A line of the guest that begins like a frame and is none.
    pub fn bad_line(&mut self) -> String {
        self.fail("a line with the mark of a log frame is none".into())
    }

    fn fail(&mut self, error: String) -> String {
        let line = format!("malformed log frame: {error}\n");
        self.failure.get_or_insert(error);
        line
    }

    /// What was wrong with the first frame that could not be decoded, if any.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// A program's log statements.
struct Texts {
    table: Table,
    /// Where they stand, as far as the program says.
    places: Locations,
}

/// The log statements of a program.
fn read(program: &Path) -> Result<Texts> {
    let shown = program.display();
    let mut elf = fs::read(program).with_context(|| format!("cannot read {shown}"))?;
    low_numbers(&mut elf).with_context(|| format!("{shown} is no ELF file with symbols"))?;
    match Table::parse(&elf) {
        Ok(Some(table)) => {
            // A line does without, as where the program has no debug information.
            let places = table.get_locations(&elf).unwrap_or_default();
            Ok(Texts { table, places })
        }
        Ok(None) => bail!("{shown} has no section .defmt: it was built without the feature"),
        Err(error) => bail!("{shown}: {error:#}"),
    }
}

/// A frame holds the low 16 bits of its text's address. Most programs have the texts at address 1 and
/// what follows; where that is out of the code's reach (riscv64: `targets`' `defmt.ld`) they lie at
/// a boundary of 64 KiB, and the decoder, which knows only whole addresses, must be told the low bits.
fn low_numbers(elf: &mut [u8]) -> Result<()> {
    /// The size of a symbol in an ELF64 file, and where its section's index and its value lie in it.
    const SYMBOL: usize = 24;
    const SECTION: usize = 6;
    const VALUE: usize = 8;

    let file = object::File::parse(&*elf)?;
    let Some(texts) = file.section_by_name(".defmt") else {
        return Ok(());
    };
    if texts.address() < 1 << 16 || !file.is_64() || !file.is_little_endian() {
        return Ok(());
    }
    let wanted = u16::try_from(texts.index().0)?.to_le_bytes();
    let symbols = file.section_by_name(".symtab").context("no .symtab")?;
    let (start, len) = symbols.file_range().context("an empty .symtab")?;
    let range = usize::try_from(start)?..usize::try_from(start + len)?;
    let symbols = elf.get_mut(range).context("a .symtab beyond the end")?;
    for symbol in symbols.chunks_exact_mut(SYMBOL) {
        if symbol[SECTION..][..2] == wanted {
            symbol[VALUE + 2..VALUE + 8].fill(0);
        }
    }
    Ok(())
}

fn decode(texts: &Texts, core: usize, bytes: &[u8], colours: bool) -> Result<String, String> {
    let mut decoder = texts.table.new_stream_decoder();
    decoder.received(bytes);
    let line = {
        let frame = decoder.decode().map_err(|error| match error {
            DecodeError::UnexpectedEof => "it is cut short".to_owned(),
            DecodeError::Malformed => {
                "its numbers name no text of the program, or its values do not fit".to_owned()
            }
        })?;
        let time = frame
            .display_timestamp()
            .map(|time| time.to_string())
            .unwrap_or_default();
        let level = frame.level().map_or("", |level| level.as_str());
        let place = texts.places.get(&frame.index());
        let place = place.map(|place| format!("{}:{}", short(&place.file), place.line));
        format_line(&time, core, level, &frame.display_message(), place, colours)
    };
    match decoder.decode() {
        Err(DecodeError::UnexpectedEof) => Ok(line),
        _ => Err("more than one frame in a line".into()),
    }
}

/// A source file as people name it: within this workspace from its root on.
fn short(file: &Path) -> std::path::Display<'_> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let inside = root.and_then(|root| file.strip_prefix(root).ok());
    inside.unwrap_or(file).display()
}

/// `0.001234 core 1 INFO  text (file.rs:12)`, without the parentheses where nobody knows the place.
fn format_line(
    time: &str,
    core: usize,
    level: &str,
    message: &dyn std::fmt::Display,
    place: Option<String>,
    colours: bool,
) -> String {
    let colour = match level {
        "error" => "31",
        "warn" => "33",
        "info" => "32",
        "debug" => "34",
        _ => "2",
    };
    let level = format!("{:5}", level.to_uppercase());
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    if colours {
        let level = format!("\x1b[{colour}m{level}\x1b[0m");
        format!("{time:>10} core {core} {level} {message}\x1b[2m{place}\x1b[0m\n")
    } else {
        format!("{time:>10} core {core} {level} {message}{place}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use defmt_decoder::Location;
    use protocol::Line;

    fn frame(line: &[u8]) -> LogFrame<'_> {
        match Line::parse(line) {
            Line::Log(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn levels_stand_out() {
        assert_eq!(
            format_line("0.000002", 3, "info", &"x", None, false),
            "  0.000002 core 3 INFO  x\n"
        );
        let place = Some("a.rs:7".to_owned());
        assert_eq!(
            format_line("0.000002", 3, "info", &"x", place, false),
            "  0.000002 core 3 INFO  x (a.rs:7)\n"
        );
        assert_eq!(
            format_line("0.000002", 3, "error", &"x", None, true),
            "  0.000002 core 3 \x1b[31mERROR\x1b[0m x\x1b[2m\x1b[0m\n"
        );
    }

    /// A program with one log statement, number 1, and frames as the `Encoder` on the board makes them:
    /// the number's two bytes and what follows, each run of them with its zeros told by a mask behind it.
    fn texts() -> Texts {
        let statement = serde_json::json!({
            "string": { "tag": "Info", "string": "value {=u64}" }, "raw_symbol": ""
        });
        let table = serde_json::from_value(serde_json::json!({
            "timestamp": null, "entries": { "1": statement }, "bitflags": {}, "encoding": "Rzcobs"
        }));
        let places = Locations::new();
        Texts {
            table: table.unwrap(),
            places,
        }
    }

    #[test]
    fn a_place_is_told_where_it_is_known() {
        let mut texts = texts();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/log.rs");
        let place = Location {
            file,
            line: 12,
            module: String::new(),
        };
        texts.places.insert(1, place);
        let line = decode(&texts, 1, b"\0\x01\x07\x7a\x7f\0", false).unwrap();
        assert!(
            line.ends_with(" value 7 (qemu-tests/runner/src/log.rs:12)\n"),
            "{line}"
        );
    }

    #[test]
    fn a_frame_is_decoded_whole_or_not_at_all() {
        let decode = |bytes: &[u8]| decode(&texts(), 1, bytes, false);
        // 1, 0, 7, 0, 0, 0, 0 and three zeros.
        let good = b"\0\x01\x07\x7a\x7f\0";
        assert_eq!(decode(good).unwrap(), "           core 1 INFO  value 7\n");
        assert!(decode(&good[..5]).unwrap_err().contains("cut short"));
        for bad in [
            &b"\0\x02\x07\x7a\x7f\0"[..], // no such statement
            b"\0\x01\x07\x7a\0",          // no value
            b"\0\x07\x7a\x7f\0",          // fewer bytes than the mask says
        ] {
            let error = decode(bad).unwrap_err();
            assert!(error.contains("name no text"), "{bad:?}: {error}");
        }
        let twice = [&good[..], good].concat();
        assert!(decode(&twice).unwrap_err().contains("more than one"));
        assert!(decode(b"").unwrap_err().contains("cut short"));
    }

    #[test]
    fn a_frame_of_a_program_without_texts_is_a_failure() {
        // This test program has no log statement.
        let program = std::env::current_exe().unwrap();
        let mut log = Log::new(&program, false);
        assert_eq!(log.failure(), None);
        let line = log.line(&frame(b"\x042:\x00\x01\x00"));
        assert!(line.starts_with("malformed log frame: core 2: "), "{line}");
        assert!(line.contains("without the feature"), "{line}");
        assert!(log.failure().unwrap().starts_with("core 2: "));

        let mut log = Log::new(Path::new("/nowhere"), false);
        assert!(
            log.line(&frame(b"\x040:x"))
                .contains("cannot read /nowhere")
        );
        log.bad_line();
        assert!(log.failure().unwrap().contains("/nowhere"));
    }
}
