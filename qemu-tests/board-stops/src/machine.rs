//! The emulator with the image: its memory is a file, its cores go on when the debugger says so.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use object::{Object, ObjectSymbol};
use stopped::call::{Answer, Call};
use stops_image::{WORDS_SYMBOL, symbol, word};
use tempfile::TempDir;

use crate::board::Board;
use crate::gdb::{Core, Gdb};
use crate::text;

/// The core that performs lists of operations.
const OTHERS: Core = Core(1);
/// The core that is stopped.
const OWN: Core = Core(2);
/// How long the image takes to start, at most.
const START: Duration = Duration::from_secs(30);
/// How often it is looked whether a core gets on.
const LOOK: Duration = Duration::from_millis(500);
/// So much of the stopped core's stack an operation may use below the stack pointer.
const BELOW: u64 = 12 << 10;
/// So much of it lies above where the operation begins: what has called it.
const ABOVE: u64 = 2 << 10;

/// So often an instruction may have to be tried again.
const CALLED_AWAY: u32 = 1000;

/// A machine that waits for lists of operations.
pub struct Machine {
    /// The board.
    pub board: &'static Board,
    gdb: Gdb,
    memory: File,
    symbols: Symbols,
    /// How many lists the first core has performed, and operations the second one.
    lists: u64,
    owns: u64,
    /// How far up the stack of the second core is its operation's.
    top: u64,
    /// After so many looks without any progress a core waits.
    patience: u32,
    child: Child,
    folder: TempDir,
}

/// All that the stopped core can change, and all that it knows.
pub struct Saved {
    registers: String,
    stack: (u64, Vec<u8>),
}

impl Machine {
    /// Starts the image; a core without progress for so many half seconds waits.
    pub fn start(board: &'static Board, image: &Path, patience: u32) -> Result<Self> {
        let about = protocol::Board::by_name(board.name)
            .with_context(|| format!("no board '{}'", board.name))?;
        let mib = about.memory_mib.context("a board without memory")?;
        let symbols = Symbols::of(image)?;
        let folder = TempDir::new()?;
        let (ram, socket) = (folder.path().join("memory"), folder.path().join("socket"));
        let mut line = String::new();
        protocol::command_line::encode(None, std::iter::empty(), &mut line)?;
        let run = protocol::Run {
            image: utf8(image)?,
            cores: 2,
            file: None,
            command_line: &line,
            cpu: None,
            deterministic: false,
        };
        let mut command = Command::new(about.program);
        about.arguments(&run, |argument| {
            command.arg(argument.to_string());
        });
        let backend = "memory-backend-file,share=on,id=memory,";
        let backend = format!("{backend}size={mib}M,mem-path={}", utf8(&ram)?);
        let socket_text = format!("unix:{},server=on,wait=off", utf8(&socket)?);
        command.args(["-object", &backend, "-machine", "memory-backend=memory"]);
        command.args(["-S", "-gdb", &socket_text]);
        let output = File::create(folder.path().join("output"))?;
        command.stdin(Stdio::null()).stderr(output.try_clone()?);
        command.stdout(output);
        let child = die_with_parent(&mut command).spawn();
        let child = child.with_context(|| format!("cannot start {}", about.program))?;
        let mut starting = Starting(Some(child));
        let mut gdb = Gdb::connect(&socket)?;
        let memory = OpenOptions::new().read(true).write(true).open(&ram)?;
        for place in [symbols.others, symbols.begun, symbols.ended] {
            gdb.break_at(place.0)?;
        }
        gdb.all_go_on()?;
        ensure!(gdb.stopped(START)?, "the image does not start");
        let machine = Self {
            board,
            gdb,
            memory,
            symbols,
            lists: 0,
            owns: 0,
            top: 0,
            patience,
            child: starting.0.take().context("just started")?,
            folder,
        };
        if machine.words(word::OTHERS_DONE, 1)? != [u64::MAX] {
            return Err(machine.complaint("the image does not start"));
        }
        let hashes = stopped::hashes::one_chain();
        machine.set_words(word::HASHES, hashes)?;
        Ok(machine)
    }

    /// Where a subject lies, and how many bytes it has.
    pub fn place(&self, subject: usize) -> Result<(u64, usize)> {
        let words = self.words(word::PLACES + 2 * subject, 2)?;
        let size = usize::try_from(words[1])?;
        ensure!(
            words[0] > self.board.memory && size > 0,
            "a subject without a place"
        );
        Ok((words[0], size))
    }

    /// Chooses what both cores look at.
    pub fn choose(&self, subject: usize) -> Result<()> {
        self.set_words(word::SUBJECT, &[subject as u64])
    }

    /// Lets the first core perform these, alone. An error if it waits in one of them.
    pub fn others(&mut self, calls: &[Call]) -> Result<Vec<Answer>> {
        ensure!(
            calls.len() <= stops_image::CALLS,
            "too many calls for one list"
        );
        let words: Vec<_> = calls.iter().flat_map(text::listed_words_of).collect();
        self.set_words(word::LIST, &words)?;
        self.lists += 1;
        self.set_words(word::COUNT, &[calls.len() as u64])?;
        self.set_words(word::OTHERS_GO, &[self.lists])?;
        self.go_on_from(OTHERS, self.symbols.others)?;
        if !self.wait(|machine| Ok(machine.words(word::PERFORMED, 1)?[0]))? {
            let number = usize::try_from(self.words(word::PERFORMED, 1)?[0])?;
            bail!(
                "no progress: operation {number} of the others, {}",
                calls.get(number).map(Call::to_string).unwrap_or_default()
            );
        }
        if self.words(word::OTHERS_DONE, 1)? != [self.lists] {
            return Err(self.complaint("the others have not ended"));
        }
        let answers = self.words(word::ANSWERS, 2 * calls.len())?;
        let listed = text::listed(&answers);
        ensure!(listed <= stops_image::ENTRIES, "too many entries listed");
        let entries = self.words(word::LISTED, 2 * listed)?;
        let pairs = answers.chunks_exact(2);
        pairs
            .map(|pair| text::answer([pair[0], pair[1]], &entries))
            .collect()
    }

    /// Lets the second core get to where it is about to begin this operation.
    pub fn begin(&mut self, call: Call) -> Result<()> {
        self.owns += 1;
        self.set_words(word::OWN_CALL, &text::words_of(&call))?;
        self.set_words(word::OWN_GO, &[self.owns])?;
        if self.owns == 1 {
            self.gdb.go_on(OWN)?;
        } else {
            self.go_on_from(OWN, self.symbols.ended)?;
        }
        if !self.wait(|_| Ok(0))? || self.counter()? != self.symbols.begun.0 {
            return Err(self.complaint("the operation does not begin"));
        }
        self.top = self.gdb.register(OWN, self.board.stack)? + ABOVE;
        Ok(())
    }

    /// Lets a core go on that is stopped at this place.
    fn go_on_from(&mut self, core: Core, place: Place) -> Result<()> {
        self.gdb.go_on_with(core, self.board.counter, place.1)
    }

    /// Lets the second core, whose program counter is this one, execute one instruction. The counter then;
    /// `None` if that has ended the operation.
    pub fn step(&mut self, counter: u64) -> Result<Option<u64>> {
        // Now and then the emulator is called away before the instruction.
        for _ in 0..CALLED_AWAY {
            self.gdb.step(OWN)?;
            let now = self.counter()?;
            if now != counter {
                return Ok((now != self.symbols.ended.0).then_some(now));
            }
        }
        bail!("the instruction at {counter:#x} is not left");
    }

    /// Lets the second core, whose program counter is this one, end its operation.
    pub fn end(&mut self, counter: u64) -> Result<()> {
        if counter == self.symbols.begun.0 {
            self.go_on_from(OWN, self.symbols.begun)?;
        } else {
            self.gdb.go_on(OWN)?;
        }
        if !self.wait(|_| Ok(0))? {
            bail!("the stopped operation does not end when it may go on");
        }
        if self.counter()? != self.symbols.ended.0 {
            return Err(self.complaint("the stopped operation has not ended"));
        }
        Ok(())
    }

    /// What it returned.
    pub fn own_answer(&self) -> Result<Answer> {
        let answer = self.words(word::OWN_ANSWER, 2)?;
        let entries = self.words(word::OWN_LISTED, 2 * stops_image::OWN_ENTRIES)?;
        text::answer([answer[0], answer[1]], &entries)
    }

    /// The second core's program counter.
    pub fn counter(&mut self) -> Result<u64> {
        self.gdb.register(OWN, self.board.counter)
    }

    /// Notes all of the second core and of its stack.
    pub fn save(&mut self) -> Result<Saved> {
        let registers = self.gdb.registers(OWN)?;
        let start = self.gdb.register(OWN, self.board.stack)? - BELOW;
        let used = self
            .top
            .checked_sub(start)
            .context("a stack that is no stack")?;
        let mut bytes = vec![0; usize::try_from(used)?];
        self.read(start, &mut bytes)?;
        Ok(Saved {
            registers,
            stack: (start, bytes),
        })
    }

    /// Brings the second core back to where it was noted, in the midst of its operation.
    pub fn restore(&mut self, saved: &Saved) -> Result<()> {
        self.gdb.set_registers(OWN, &saved.registers)?;
        self.write(saved.stack.0, &saved.stack.1)
    }

    /// Waits until all cores have stopped again; `false` if `progress` does not change any more.
    fn wait(&mut self, progress: impl Fn(&Self) -> Result<u64>) -> Result<bool> {
        let (mut last, mut looks) = (u64::MAX, 0);
        loop {
            match self.gdb.stopped(LOOK) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => return Err(self.complaint(&format!("{error:#}"))),
            }
            let now = progress(self)?;
            looks = if now == last { looks + 1 } else { 0 };
            last = now;
            if looks >= self.patience {
                self.gdb.interrupt()?;
                return Ok(false);
            }
        }
    }

    /// An error with what the image has printed.
    fn complaint(&self, text: &str) -> anyhow::Error {
        let output = fs::read_to_string(self.folder.path().join("output")).unwrap_or_default();
        let output = output.replace(|c: char| c.is_control() && c != '\n', " ");
        anyhow!("{text}: {}", output.trim())
    }

    /// Reads memory.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<()> {
        let offset = address
            .checked_sub(self.board.memory)
            .context("no such memory")?;
        self.memory.read_exact_at(bytes, offset)?;
        Ok(())
    }

    /// Writes memory that holds no code.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<()> {
        let offset = address
            .checked_sub(self.board.memory)
            .context("no such memory")?;
        self.memory.write_all_at(bytes, offset)?;
        Ok(())
    }

    fn words(&self, index: usize, count: usize) -> Result<Vec<u64>> {
        let mut bytes = vec![0; 8 * count];
        self.read(self.symbols.words + 8 * index as u64, &mut bytes)?;
        let words = bytes.chunks_exact(8);
        words
            .map(|word| Ok(u64::from_le_bytes(word.try_into()?)))
            .collect()
    }

    fn set_words(&self, index: usize, words: &[u64]) -> Result<()> {
        let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.write(self.symbols.words + 8 * index as u64, &bytes)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        Starting::end(&mut self.child);
    }
}

/// A child that is killed unless it is taken out.
struct Starting(Option<Child>);

impl Starting {
    fn end(child: &mut Child) {
        // It may have ended.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            Self::end(child);
        }
    }
}

/// Asks the kernel to kill the child when this process dies, where it can.
fn die_with_parent(command: &mut Command) -> &mut Command {
    #[cfg(target_os = "linux")]
    {
        let die = || {
            nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
            Ok(())
        };
        // SAFETY: one plain system call between fork and exec, which neither allocates nor locks.
        unsafe { command.pre_exec(die) };
    }
    command
}

/// An instruction at which a core is stopped, and the one after it.
type Place = (u64, u64);

/// Where the words and the instructions lie in an image.
struct Symbols {
    words: u64,
    others: Place,
    begun: Place,
    ended: Place,
}

impl Symbols {
    fn of(image: &Path) -> Result<Self> {
        let bytes = fs::read(image).with_context(|| format!("cannot read {}", image.display()))?;
        let file = object::File::parse(&*bytes)?;
        let address = |name: &str| {
            let found = file.symbols().find(|symbol| symbol.name() == Ok(name));
            let found = found.map(|symbol| symbol.address());
            found.with_context(|| format!("{} has no symbol {name}", image.display()))
        };
        let place = |name: &str| -> Result<Place> {
            let after = format!("{name}{}", symbol::AFTER);
            Ok((address(name)?, address(&after)?))
        };
        Ok(Self {
            words: address(WORDS_SYMBOL)?,
            others: place(symbol::OTHERS)?,
            begun: place(symbol::BEGUN)?,
            ended: place(symbol::ENDED)?,
        })
    }
}

/// The emulator's arguments are text.
fn utf8(path: &Path) -> Result<&str> {
    let text = path.to_str();
    text.with_context(|| {
        format!(
            "the path {} is not UTF-8 text",
            PathBuf::from(path).display()
        )
    })
}
