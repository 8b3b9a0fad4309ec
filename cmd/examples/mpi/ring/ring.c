/* ring is an MPI program to try: ring ROUNDS BYTES [FILE]
 *
 * Each process adds up what all of them have, passes BYTES to the next ROUNDS times while it gets as many from the one
 * before, and checks all that it gets. It prints how much it sent and received. With FILE they then wait until there is
 * such a file where the first of them is. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int me, all;

static void wrong(const char *what, long got, long want) {
	fprintf(stderr, "process %d: %s: got %ld, want %ld\n", me, what, got, want);
	MPI_Abort(MPI_COMM_WORLD, 1);
}

/* sums checks a sum over all processes, whose terms are known. */
static void sums(void) {
	long own[1000], sum[1000];
	for (int i = 0; i < 1000; i++) own[i] = (long)(me + 1) * i;
	MPI_Allreduce(own, sum, 1000, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
	for (int i = 0; i < 1000; i++) {
		long want = (long)all * (all + 1) / 2 * i;
		if (sum[i] != want) wrong("sum", sum[i], want);
	}
}

/* pass sends to the next and gets from the one before. What is sent tells the sender and the round. */
static void pass(int rounds, int bytes) {
	int next = (me + 1) % all, before = (me + all - 1) % all;
	unsigned char *out = malloc(bytes), *in = malloc(bytes);
	for (int round = 0; round < rounds; round++) {
		memset(out, (me + round) % 251, bytes);
		MPI_Sendrecv(out, bytes, MPI_BYTE, next, 0, in, bytes, MPI_BYTE, before, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int i = 0; i < bytes; i++)
			if (in[i] != (before + round) % 251) wrong("byte", in[i], (before + round) % 251);
	}
	free(out);
	free(in);
}

/* hold waits for a file without keeping a processor busy. */
static void hold(const char *file) {
	MPI_Request all_there;
	int done = 0;
	while (me == 0 && access(file, F_OK) != 0) usleep(20000);
	MPI_Ibarrier(MPI_COMM_WORLD, &all_there);
	for (; !done; usleep(20000)) MPI_Test(&all_there, &done, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv) {
	char host[MPI_MAX_PROCESSOR_NAME];
	int length;
	MPI_Init(&argc, &argv);
	if (argc < 3 || argc > 4 || atoi(argv[1]) < 0 || atoi(argv[2]) < 1) {
		fprintf(stderr, "usage: ring ROUNDS BYTES [FILE]\n");
		MPI_Abort(MPI_COMM_WORLD, 2);
	}
	MPI_Comm_rank(MPI_COMM_WORLD, &me);
	MPI_Comm_size(MPI_COMM_WORLD, &all);
	MPI_Get_processor_name(host, &length);
	sums();
	pass(atoi(argv[1]), atoi(argv[2]));
	long sent = atol(argv[1]) * atol(argv[2]), total = 0;
	MPI_Allreduce(&sent, &total, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
	if (total != sent * all) wrong("bytes of all", total, sent * all);
	printf("process %d of %d on %s: sent %ld bytes, received %ld, all sums are right\n", me, all, host, sent, sent);
	fflush(stdout);
	if (argc == 4) hold(argv[3]);
	MPI_Finalize();
	return 0;
}
