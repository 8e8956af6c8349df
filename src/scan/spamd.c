#include "scan/spamd.h"

#include "base/buf.h"
#include "base/limits.h"
#include "scan/scan_wire.h"
#include "scan/spamd_answer.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEAD_BYTES = 80, URL_BYTES = 200 };

struct spamd {
	struct spam_filter filter; /* first */
	struct scan_address address;
	struct scan_patience patience;
};

static enum err ask(struct scan_wire *wire, struct str letter, struct spam_verdict *ret)
{
	CLEANUP_BUF struct buf answer;
	char head[HEAD_BYTES];
	snprintf(head, sizeof(head), "SYMBOLS SPAMC/1.5\r\nContent-length: %zu\r\n\r\n",
		 letter.len);
	enum err err = scan_wire_send(wire, str_of(head), letter);
	if (err != OK && err != ERR_CONFLICT) /* it answers before it has read all */
		return err;
	buf_init(&answer, LIMIT_SPAMD_ANSWER_BYTES);
	err = scan_wire_receive_all(wire, &answer);
	if (err != OK)
		return err == ERR_BUSY ? ERR_BUSY : ERR_UNAVAILABLE;
	return spamd_answer_parse(buf_str(&answer), ret);
}

static enum err judge(struct spam_filter *filter, struct str letter, struct spam_verdict *ret)
{
	struct spamd *spamd = (struct spamd *)filter;
	struct scan_wire wire;
	TRY(scan_wire_open(&wire, &spamd->address, &spamd->patience));
	enum err err = ask(&wire, letter, ret);
	scan_wire_close(&wire);
	return err;
}

/* "127.0.0.1:783", as SpamAssassin's own tools take it. */
static enum err parse_address(struct str url, struct scan_address *ret)
{
	char room[URL_BYTES];
	if (str_starts_with(url, STR("unix:")) || str_starts_with(url, STR("tcp:")))
		return scan_address_parse(url, ret);
	int bytes = snprintf(room, sizeof(room), "tcp:%.*s", STR_ARGS(url));
	if (bytes < 0 || (size_t)bytes >= sizeof(room))
		return ERR_INVALID;
	return scan_address_parse(str_of(room), ret);
}

enum err spamd_new(const struct spamd_options *options, struct spamd **ret)
{
	struct scan_address address;
	TRY(parse_address(options->url, &address));
	struct spamd *spamd = calloc(1, sizeof(*spamd));
	if (spamd == NULL)
		return ERR_UNAVAILABLE;
	spamd->filter = (struct spam_filter){.judge = judge};
	spamd->address = address;
	spamd->patience.step_ms = options->step_ms > 0 ? options->step_ms : LIMIT_SCAN_STEP_MS;
	spamd->patience.answer_ms =
		options->answer_ms > 0 ? options->answer_ms : LIMIT_SPAMD_ANSWER_MS;
	*ret = spamd;
	return OK;
}

struct spam_filter *spamd_filter(struct spamd *spamd)
{
	return &spamd->filter;
}

void spamd_free(struct spamd *spamd)
{
	free(spamd);
}
