/*
 * What the native client and the command worker say to each other: frames over a Unix stream socket, both ways. The other side of
 * this file is src/client/worker-frames.ts.
 *
 *     u8 type | u8 number | u16 value | u32 bytes that follow       little-endian
 */
#ifndef TAPSTACK_PROTOCOL_H
#define TAPSTACK_PROTOCOL_H

#include <stdint.h>

#define PROTOCOL_MAJOR 1

struct frame {
	uint8_t type;
	uint8_t number;
	uint16_t value;
	uint32_t length;
};

/* Client to worker. */
enum {
	/* struct request, then strings that end with a zero byte: the command's name, the working directory, its words, its variables. */
	FRAME_REQUEST = 1,
	/* What a READ asked for; nothing at the end of the input; `value`: errno of a read that failed. */
	FRAME_INPUT = 2,
	/* `number`: a signal that the command catches. */
	FRAME_SIGNAL = 3,
	/* `value`: columns of the terminal. */
	FRAME_SIZE = 4,
	/* A program has ended with status `number`, or could not be started: `value` is an errno. What it reported follows. */
	FRAME_SPAWNED = 5,
	/* Descriptor `number` takes no more: `value` is the errno. */
	FRAME_BROKEN = 6,
};

/* Worker to client. */
enum {
	/* The worker has the request and runs it. */
	FRAME_ACCEPTED = 16,
	/* For descriptor `number`. */
	FRAME_OUTPUT = 17,
	/* The command has ended with status `number`, and `value` BROKEN frames were heard until then. */
	FRAME_EXIT = 18,
	/* The command catches signal `number`, or leaves it to its default again. */
	FRAME_CATCH = 19,
	FRAME_RELEASE = 20,
	/* One piece of the standard input is wanted. */
	FRAME_READ = 21,
	/* A program is to be started here: struct spawn, then strings: its file, its words, variables "NAME=VALUE" or "NAME" to take away. */
	FRAME_SPAWN = 22,
	/* This worker does not serve this client; nothing was done. */
	FRAME_REFUSED = 23,
};

struct request {
	uint32_t major;
	uint32_t words;
	uint32_t variables;
	uint32_t umask;
	/* Of standard output's terminal, else of standard error's. */
	uint16_t columns;
	/* Bit n: descriptor n is a terminal. */
	uint16_t terminals;
};

struct spawn {
	uint32_t words;
	uint32_t variables;
	/* 1: the program tells what went wrong through the descriptor that TAPSTACK_SPAWN_REPORT names. */
	uint32_t reports;
};

#endif
