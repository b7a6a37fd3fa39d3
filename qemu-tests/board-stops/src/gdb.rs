//! A client of the emulator's debugger stub: the few requests of the remote serial protocol that are
//! needed here.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The stub answers a question at once.
const ANSWER: Duration = Duration::from_secs(20);
/// The emulator starts within this time.
const START: Duration = Duration::from_secs(20);

/// A connection. All cores are stopped unless a request lets some go on.
pub struct Gdb {
    stream: BufReader<UnixStream>,
}

/// A core, as the stub numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core(pub usize);

impl Gdb {
    /// Connects to the stub that listens at this socket, or soon will.
    pub fn connect(path: &Path) -> Result<Self> {
        let start = Instant::now();
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(error) if start.elapsed() > START => {
                    return Err(error).context("no debugger stub");
                }
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        };
        let stream = BufReader::new(stream);
        let mut gdb = Self { stream };
        // Without the second question the stub hides registers from the requests below.
        for question in [
            "qSupported:xmlRegisters=i386",
            "qXfer:features:read:target.xml:0,ff",
        ] {
            gdb.send(&[question])?;
            gdb.answer(question)?;
        }
        Ok(gdb)
    }

    /// Stops a core whenever it comes to this instruction. To go on it must be moved from there.
    pub fn break_at(&mut self, address: u64) -> Result<()> {
        self.ok(&format!("Z1,{address:x},1"))
    }

    /// Lets all cores go on.
    pub fn all_go_on(&mut self) -> Result<()> {
        self.send(&["vCont;c"])
    }

    /// Lets one core go on, and no other.
    pub fn go_on(&mut self, core: Core) -> Result<()> {
        self.send(&[&format!("vCont;c:{:x}", core.0)])
    }

    /// The same after one of its registers, of 64 bits, has been changed.
    pub fn go_on_with(&mut self, core: Core, register: u32, value: u64) -> Result<()> {
        let change = format!("P{register:x}={:016x}", value.swap_bytes());
        // All at once: each wait for an answer costs more than what is asked for.
        let go_on = format!("vCont;c:{:x}", core.0);
        self.send(&[&choice(core), &change, &go_on])?;
        self.is_ok("the choice of a core")?;
        self.is_ok(&change)
    }

    /// Lets one core execute one instruction, and no other.
    pub fn step(&mut self, core: Core) -> Result<()> {
        self.send(&[&format!("vCont;s:{:x}", core.0)])?;
        ensure!(self.stopped(ANSWER)?, "a step of one instruction waits");
        Ok(())
    }

    /// Whether all cores have stopped again within this time.
    pub fn stopped(&mut self, time: Duration) -> Result<bool> {
        match self.receive(time)? {
            None => Ok(false),
            Some(text) if text.starts_with('T') || text.starts_with('S') => Ok(true),
            Some(other) => bail!("not stopped, but '{other}'"),
        }
    }

    /// Stops all cores.
    pub fn interrupt(&mut self) -> Result<()> {
        self.stream.get_mut().write_all(&[3])?;
        ensure!(self.stopped(ANSWER)?, "the cores do not stop");
        Ok(())
    }

    /// One register of 64 bits.
    pub fn register(&mut self, core: Core, number: u32) -> Result<u64> {
        self.send(&[&choice(core), &format!("p{number:x}")])?;
        self.is_ok("the choice of a core")?;
        let text = self.answer("a register")?;
        let bytes = u64::from_str_radix(text.get(..16).context("a register of 64 bits")?, 16)?;
        Ok(bytes.swap_bytes())
    }

    /// All registers, as the stub writes them.
    pub fn registers(&mut self, core: Core) -> Result<String> {
        self.send(&[&choice(core), "g"])?;
        self.is_ok("the choice of a core")?;
        let text = self.answer("all registers")?;
        ensure!(!text.starts_with('E'), "no registers: {text}");
        Ok(text)
    }

    /// Puts them back.
    pub fn set_registers(&mut self, core: Core, registers: &str) -> Result<()> {
        self.send(&[&choice(core), &format!("G{registers}")])?;
        self.is_ok("the choice of a core")?;
        self.is_ok("all registers")
    }

    fn ok(&mut self, request: &str) -> Result<()> {
        self.send(&[request])?;
        self.is_ok(request)
    }

    /// The next answer must be that all went well.
    fn is_ok(&mut self, request: &str) -> Result<()> {
        let answer = self.answer(request)?;
        ensure!(answer == "OK", "'{request}' is answered by '{answer}'");
        Ok(())
    }

    fn answer(&mut self, request: &str) -> Result<String> {
        let answer = self.receive(ANSWER)?;
        answer.with_context(|| format!("'{request}' is not answered"))
    }

    fn send(&mut self, requests: &[&str]) -> Result<()> {
        let packets = requests.iter().map(|request| {
            let sum = request.bytes().fold(0, u8::wrapping_add);
            format!("${request}#{sum:02x}")
        });
        let packets: String = packets.collect();
        self.stream.get_mut().write_all(packets.as_bytes())?;
        Ok(())
    }

    /// The next packet; `None` if none has begun within this time. It is not acknowledged: the next request
    /// does that, too.
    fn receive(&mut self, time: Duration) -> Result<Option<String>> {
        self.stream.get_ref().set_read_timeout(Some(time))?;
        let mut skipped = Vec::new();
        match self.stream.read_until(b'$', &mut skipped) {
            Ok(0) => bail!("the emulator has ended"),
            Ok(_) => {}
            Err(error) if is_timeout(&error) => return Ok(None),
            Err(error) => return Err(error).context("the emulator has ended"),
        }
        self.stream.get_ref().set_read_timeout(Some(ANSWER))?;
        let mut text = Vec::new();
        self.stream.read_until(b'#', &mut text)?;
        text.pop();
        let mut sum = [0; 2];
        io::Read::read_exact(&mut self.stream, &mut sum)?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }
}

/// Makes a core the one whose registers are meant.
fn choice(core: Core) -> String {
    format!("Hg{:x}", core.0)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
