#include "scan/clamd.h"

#include "base/limits.h"
#include "scan/clamd_answer.h"
#include "scan/scan_wire.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { CHUNK_MAX_BYTES = 1 << 20 };

struct clamd {
	struct scanner scanner; /* first */
	struct scan_address address;
	struct scan_patience patience;
};

struct scan {
	struct clamd *clamd;
	struct scan_wire wire;
	uint64_t bytes;  /* announced so far */
	enum err broken; /* once it is not OK it stays so */
	struct scan_result result;
};

/* With its NUL. */
static const struct str command = {"zINSTREAM", sizeof("zINSTREAM")};

static struct str length_as_bytes(uint32_t bytes, uint32_t *room)
{
	*room = htonl(bytes);
	return str_bytes(room, sizeof(*room));
}

static enum err read_answer(struct scan_wire *wire, struct scan_result *ret)
{
	CLEANUP_BUF struct buf answer;
	buf_init(&answer, LIMIT_SCAN_ANSWER_BYTES);
	TRY(scan_wire_receive(wire, &answer));
	return clamd_answer_parse(buf_str(&answer), ret);
}

/* clamd says that a stream is too long and closes the connection, maybe with bytes unread: then the
 * operating system may throw its words away. It looks at a chunk's length before its bytes, so
 * announcing as many in one chunk, on a connection of its own, brings the same answer for sure. */
static enum err ask_whether_too_large(struct scan *scan, struct scan_result *ret)
{
	uint32_t room, bytes = scan->bytes < UINT32_MAX ? (uint32_t)scan->bytes : UINT32_MAX;
	struct scan_wire wire;
	struct scan_result result;
	TRY(scan_wire_open(&wire, &scan->clamd->address, &scan->clamd->patience));
	/* No bytes follow: who thinks that it is not too long waits for them. */
	wire.left_ms = scan->clamd->patience.step_ms;
	enum err err = scan_wire_send(&wire, command, length_as_bytes(bytes, &room));
	if (err == OK)
		err = read_answer(&wire, &result);
	scan_wire_close(&wire);
	if (err != OK || result.verdict != SCAN_TOO_LARGE)
		return ERR_UNAVAILABLE;
	*ret = result;
	return OK;
}

static enum err take_answer(struct scan *scan)
{
	enum err err = read_answer(&scan->wire, &scan->result);
	scan_wire_close(&scan->wire);
	if (err == ERR_UNAVAILABLE && scan->bytes > 0)
		err = ask_whether_too_large(scan, &scan->result);
	return err;
}

/* Before the end it can only say that it wants no more: whatever else it says is about a part. */
static enum err take_early_answer(struct scan *scan)
{
	TRY(take_answer(scan));
	return scan->result.verdict == SCAN_TOO_LARGE ? ERR_TOO_LARGE : ERR_UNAVAILABLE;
}

static enum err send_chunk(struct scan *scan, struct str bytes)
{
	uint32_t room;
	scan->bytes += bytes.len;
	enum err err =
		scan_wire_send(&scan->wire, length_as_bytes((uint32_t)bytes.len, &room), bytes);
	return err == ERR_CONFLICT ? take_early_answer(scan) : err;
}

static enum err clamd_begin(struct scanner *scanner, struct scan **ret)
{
	struct clamd *clamd = (struct clamd *)scanner;
	struct scan *scan = calloc(1, sizeof(*scan));
	if (scan == NULL)
		return ERR_UNAVAILABLE;
	scan->clamd = clamd;
	enum err err = scan_wire_open(&scan->wire, &clamd->address, &clamd->patience);
	if (err == OK)
		err = scan_wire_send(&scan->wire, command, STR_NONE);
	if (err != OK) {
		scan_wire_close(&scan->wire);
		free(scan);
		return err == ERR_CONFLICT ? ERR_UNAVAILABLE : err;
	}
	*ret = scan;
	return OK;
}

static enum err clamd_add(struct scan *scan, struct str bytes)
{
	while (scan->broken == OK && bytes.len > 0) {
		struct str chunk = str_slice(bytes, 0, CHUNK_MAX_BYTES);
		scan->broken = send_chunk(scan, chunk);
		bytes = str_slice(bytes, chunk.len, bytes.len);
	}
	return scan->broken;
}

static enum err clamd_finish(struct scan *scan, struct scan_result *ret)
{
	if (scan->broken == OK) /* a chunk of no bytes ends it */
		scan->broken = send_chunk(scan, STR_NONE);
	if (scan->broken == OK)
		scan->broken = take_answer(scan);
	if (scan->broken != OK && scan->broken != ERR_TOO_LARGE)
		return scan->broken;
	*ret = scan->result;
	return OK;
}

static void clamd_free_scan(struct scan *scan)
{
	if (scan == NULL)
		return;
	scan_wire_close(&scan->wire);
	free(scan);
}

enum err clamd_new(const struct clamd_options *options, struct clamd **ret)
{
	struct scan_address address;
	TRY(scan_address_parse(options->url, &address));
	struct clamd *clamd = calloc(1, sizeof(*clamd));
	if (clamd == NULL)
		return ERR_UNAVAILABLE;
	clamd->scanner = (struct scanner){.begin = clamd_begin,
					  .add = clamd_add,
					  .finish = clamd_finish,
					  .free = clamd_free_scan};
	clamd->address = address;
	clamd->patience.step_ms = options->step_ms > 0 ? options->step_ms : LIMIT_SCAN_STEP_MS;
	clamd->patience.answer_ms =
		options->answer_ms > 0 ? options->answer_ms : LIMIT_SCAN_ANSWER_MS;
	*ret = clamd;
	return OK;
}

struct scanner *clamd_scanner(struct clamd *clamd)
{
	return &clamd->scanner;
}

void clamd_free(struct clamd *clamd)
{
	free(clamd);
}
