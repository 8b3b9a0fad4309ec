#include "textflag.h"

// start is where the kernel enters the program: SP points to the number of
// arguments, and there is nothing else.
TEXT ·start(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, BX
	// Go looks for its goroutine here when it is called: there is none.
	MOVQ $158, AX             // arch_prctl
	MOVQ $0x1002, DI          // ARCH_SET_FS
	LEAQ ·local+8(SB), SI
	SYSCALL
	ANDQ $~15, SP
	SUBQ $32, SP
	MOVQ BX, 16(SP)
	MOVQ BX, 0(SP)
	CALL ·begin(SB)
	MOVQ 16(SP), SP
	JMP  _rt0_amd64_linux(SB) // as if nothing had been
