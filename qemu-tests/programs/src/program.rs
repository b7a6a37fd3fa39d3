//! Random programs, and how they are shown.

use std::fmt;

use fastrand::Rng;

use crate::call::{Call, Key, Value};
use crate::order::Run;

/// What a program runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `CopyMap` whose values are changed in place.
    Narrow,
    /// A `CopyMap` whose values are replaced.
    Wide,
    /// A `Map` of plain values.
    Held,
    /// A `Map` of values that count their drops.
    Counted,
    /// A pool, whose identifiers take the place of keys.
    Pool,
}

/// How keys are spread over buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// All in one chain, with one label.
    OneHash,
    /// All in one chain, each with a label of its own.
    OneChain,
    /// Each in a chain of its own, as far as there are enough.
    Chains,
}

/// A map and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Case {
    pub kind: Kind,
    /// How many entries it promises to hold: 1 to 3.
    pub n: usize,
    /// Cells for replacements: 0 or 1.
    pub extra: usize,
    pub spread: Spread,
}

impl Case {
    /// How many entries fit.
    pub fn capacity(&self) -> usize {
        self.n
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.n + self.extra
    }

    /// How many cells an operation in progress may hold beside those of live entries: the contract's two,
    /// or fewer where its kind cannot hold so many.
    pub fn held(&self, call: Call) -> usize {
        match (self.kind, call.reads()) {
            (Kind::Narrow | Kind::Wide, true) => 0,
            (Kind::Held | Kind::Counted, true) | (Kind::Pool, _) => 1,
            (_, false) => 2,
        }
    }
}

/// How the contexts' operations are ordered beyond each context's own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fences {
    /// Nothing is added. For two contexts.
    None,
    /// Behind each operation that changed nothing: a stand-in for stores that become visible to all
    /// others at once, as on every supported processor. Without it loom finds what the language permits and
    /// none of them does, when three contexts take part.
    BehindLookUps,
    /// Before and behind each operation, so that real time orders them, too.
    Around,
}

/// How many operations each context does.
const LENGTHS: [&[Value]; 16] = [
    &[2, 2],
    &[2, 2],
    &[2, 2],
    &[2, 2],
    &[2, 2],
    &[2, 2],
    &[1, 2],
    &[1, 2],
    &[1, 3],
    &[2, 3],
    &[2, 3],
    &[3, 3],
    &[1, 1, 1],
    &[1, 1, 1],
    &[1, 1, 2],
    &[1, 2, 2],
];

/// What each of a few contexts does.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Program {
    pub seed: u64,
    pub case: Case,
    pub fences: Fences,
    /// Before the contexts start.
    pub setup: Vec<Call>,
    pub contexts: Vec<Vec<Call>>,
}

impl Program {
    /// The program of a seed.
    pub fn random(seed: u64) -> Program {
        let mut rng = Rng::with_seed(seed);
        let kinds = [
            Kind::Narrow,
            Kind::Wide,
            Kind::Held,
            Kind::Counted,
            Kind::Narrow,
            Kind::Wide,
            Kind::Held,
            Kind::Counted,
            Kind::Pool,
        ];
        let kind = kinds[(seed % kinds.len() as u64) as usize];
        let spreads = [
            Spread::OneHash,
            Spread::OneChain,
            Spread::Chains,
            Spread::Chains,
        ];
        let case = Case {
            kind,
            n: rng.usize(1..=3),
            extra: if kind == Kind::Pool {
                0
            } else {
                rng.usize(..2)
            },
            spread: spreads[rng.usize(..4)],
        };
        let lengths = LENGTHS[rng.usize(..LENGTHS.len())];
        let fences = match (rng.u8(..5) == 0, lengths.len()) {
            (true, _) => Fences::Around,
            (false, 2) => Fences::None,
            (false, _) => Fences::BehindLookUps,
        };
        let mut draw = Draw::new(kind, [1, 2, 2, 2, 3][rng.usize(..5)], rng);
        let setup = (0..draw.rng.usize(..=case.n)).map(|at| draw.setup(at as Value));
        let setup = setup.collect();
        let contexts = lengths.iter().zip(1..).map(|(&calls, context)| {
            draw.own.clear();
            let mut last = None;
            let mut next = |at| *last.insert(draw.call(10 * context + at, last));
            (1..=calls).map(&mut next).collect()
        });
        let contexts = contexts.collect();
        Program {
            seed,
            case,
            fences,
            setup,
            contexts,
        }
    }

    /// All keys that it names, once each.
    pub fn keys(&self) -> Vec<Key> {
        let calls = self.setup.iter().chain(self.contexts.iter().flatten());
        let mut keys: Vec<Key> = calls.map(|call| call.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// How many operations the contexts do.
    pub fn operations(&self) -> usize {
        self.contexts.iter().map(Vec::len).sum()
    }

    /// The programs with one operation less.
    pub fn smaller(&self) -> Vec<Program> {
        let setup = (0..self.setup.len()).map(|at| {
            let mut program = self.clone();
            program.setup.remove(at);
            program
        });
        let places = self.contexts.iter().enumerate();
        let places =
            places.flat_map(|(context, calls)| (0..calls.len()).map(move |at| (context, at)));
        let calls = places.map(|(context, at)| {
            let mut program = self.clone();
            program.contexts[context].remove(at);
            program.contexts.retain(|calls| !calls.is_empty());
            program
        });
        let all = calls.chain(setup);
        all.filter(|program| !program.contexts.is_empty()).collect()
    }

    /// The program as code, with what it said.
    pub fn show(&self, run: Option<&Run>) -> String {
        let mut text = format!("{self}\n");
        let mut line = |margin: &str, call: &Call, answer: Option<String>| {
            let said = answer.map_or(String::new(), |answer| format!("    // {answer}"));
            text += &format!("{margin}map.{call};{said}\n");
        };
        let said = |event: &crate::call::Event| {
            let time = format!("   [{}, {}]", event.begin, event.end);
            let timed = self.fences == Fences::Around;
            format!("{}{}", event.answer, if timed { &time } else { "" })
        };
        for (at, call) in self.setup.iter().enumerate() {
            line("", call, run.map(|run| said(&run.setup[at])));
        }
        for (context, calls) in self.contexts.iter().enumerate() {
            for (at, call) in calls.iter().enumerate() {
                let answer = run.map(|run| said(&run.contexts[context][at]));
                line(&format!("context {}: ", context + 1), call, answer);
            }
        }
        if let Some(run) = run {
            text += &format!("then: {:?}", run.rest);
        }
        text
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case {
            kind,
            n,
            extra,
            spread,
        } = self.case;
        let map = match kind {
            Kind::Narrow => format!("CopyMap::<usize, u32, {n}, {extra}, _>"),
            Kind::Wide => format!("CopyMap::<usize, u64, {n}, {extra}, _>"),
            Kind::Held => format!("Map::<usize, u32, {n}, {extra}, _>"),
            Kind::Counted => format!("Map::<usize, Counted, {n}, {extra}, _>"),
            Kind::Pool => format!("Pool::<u32, {n}>"),
        };
        let (seed, fences) = (self.seed, self.fences);
        write!(
            f,
            "let map = {map}; // seed {seed}, {spread:?}, fences: {fences:?}"
        )
    }
}

/// Draws operations.
struct Draw {
    kind: Kind,
    keys: Key,
    rng: Rng,
    /// Identifiers in a pool that everybody knows, and that this context knows.
    known: Vec<Key>,
    own: Vec<Key>,
}

impl Draw {
    fn new(kind: Kind, keys: usize, rng: Rng) -> Self {
        Self {
            kind,
            keys,
            rng,
            known: Vec::new(),
            own: Vec::new(),
        }
    }

    fn setup(&mut self, number: Value) -> Call {
        if self.kind == Kind::Pool {
            self.known.push(number as Key + 1);
            return Call::Insert(number as Key + 1, number + 1);
        }
        let key = self.rng.usize(1..=self.keys);
        match self.rng.u8(..5) {
            0 => Call::Remove(key),
            _ => Call::Insert(key, number + 1),
        }
    }

    /// Behind another operation of its context it is mostly about another key, and often a look-up: what
    /// one context has seen of another's write shows there.
    fn call(&mut self, number: Value, last: Option<Call>) -> Call {
        if self.kind == Kind::Pool {
            return self.pool(number);
        }
        let mut key = self.rng.usize(1..=self.keys);
        if last.is_some_and(|last| last.key() == key) && self.rng.bool() {
            key = key % self.keys + 1;
        }
        match self.rng.u8(..if last.is_some() { 21 } else { 15 }) {
            0..2 | 15..19 => Call::Get(key),
            2 | 19.. => Call::Contains(key),
            3..6 => Call::Insert(key, number),
            6 => Call::TryInsert(key, number),
            7 => Call::GetOrInsert(key, number),
            8..10 => Call::Update(key, 100 * number),
            10 => Call::Upsert(key, 100 * number),
            11 => Call::Compute(key, 100 * number),
            12 => Call::RemoveIf(key, number),
            _ => Call::Remove(key),
        }
    }

    fn pool(&mut self, number: Value) -> Call {
        let known = self.known.len() + self.own.len();
        let at = self.rng.usize(..=known);
        let key = self.known.iter().chain(&self.own).nth(at).copied();
        match (key, self.rng.u8(..6)) {
            (Some(key), 0..2) => Call::Get(key),
            (Some(key), 2) => Call::Contains(key),
            (Some(key), 3..5) => Call::Remove(key),
            _ => {
                self.own.push(number as Key);
                Call::Insert(number as Key, number)
            }
        }
    }
}
