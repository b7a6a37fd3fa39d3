//! The QEMU command lines, written out once in full, and the exit statuses.

use protocol::{AARCH64, BOARDS, Board, MICROBIT, MPS2_AN386, Run, X86_64};

fn arguments(board: &Board, run: &Run<'_>) -> String {
    let mut all = Vec::new();
    board.arguments(run, |argument| all.push(argument.to_string()));
    all.join(" ")
}

const RUN: Run<'_> = Run {
    image: "image.elf",
    cores: 4,
    file: None,
    command_line: "a b",
    cpu: None,
    deterministic: false,
};

#[test]
fn aarch64_command_line() {
    assert_eq!(
        arguments(&AARCH64, &RUN),
        "-machine virt -cpu cortex-a72 -smp 4 -m 512M -accel tcg,thread=multi -nodefaults \
         -no-user-config -no-reboot -display none -monitor none -serial stdio \
         -semihosting-config enable=on,target=native,arg=a b -kernel image.elf"
    );
}

#[test]
fn x86_64_command_line() {
    let run = Run {
        file: Some("a,b.pcap"),
        deterministic: true,
        cpu: Some("max"),
        ..RUN
    };
    assert_eq!(
        arguments(&X86_64, &run),
        "-machine q35 -device isa-debug-exit,iobase=0xf4,iosize=0x04 -cpu max -smp 4 -m 512M \
         -accel tcg,thread=single -icount shift=0,sleep=off -nodefaults -no-user-config \
         -no-reboot -display none -monitor none -serial stdio \
         -device loader,addr=0x10000000,force-raw=on,file=a,,b.pcap -append a b -kernel image.elf"
    );
}

#[test]
fn a_board_with_one_core() {
    let run = Run {
        cores: 1,
        deterministic: true,
        ..RUN
    };
    assert_eq!(
        arguments(&MPS2_AN386, &run),
        "-machine mps2-an386 -cpu cortex-m4 -smp 1 -m 16M -accel tcg,thread=single -icount \
         shift=6,sleep=off -nodefaults -no-user-config -no-reboot -display none -monitor none \
         -serial stdio -semihosting-config enable=on,target=native,arg=a b -kernel image.elf"
    );
}

#[test]
fn a_board_whose_memory_is_fixed_gets_no_size() {
    let run = Run {
        cores: 1,
        deterministic: true,
        ..RUN
    };
    assert_eq!(
        arguments(&MICROBIT, &run),
        "-machine microbit -cpu cortex-m0 -smp 1 -accel tcg,thread=single -icount \
         shift=6,sleep=off -nodefaults -no-user-config -no-reboot -display none -monitor none \
         -serial stdio -semihosting-config enable=on,target=native,arg=a b -kernel image.elf"
    );
}

#[test]
fn boards_are_found_by_name() {
    for board in BOARDS {
        let found = Board::by_name(board.name).expect("a board has its own name");
        assert_eq!(found.triple, board.triple);
    }
    assert!(Board::by_name("host").is_none());
}

#[test]
fn files_fit_or_are_refused() {
    for board in BOARDS.into_iter().filter(|board| board.file_max > 0) {
        let region = board.file_region(board.file_max).expect("the longest file");
        assert_eq!(
            (region.address, region.length),
            (board.file_address, board.file_max)
        );
        assert_eq!(board.file_region(board.file_max + 1), None);
    }
}

#[test]
fn success_and_failure_are_told_apart() {
    for board in BOARDS {
        assert_eq!(board.qemu_status(0), 0);
        for code in 1..=u8::MAX {
            assert_ne!(board.qemu_status(code), 0, "{} {code}", board.name);
        }
    }
    assert_eq!(AARCH64.qemu_status(101), 101);
    assert_eq!(X86_64.qemu_status(101), 203);
}
