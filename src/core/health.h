/* How the portal is (P7): one line for each thing that an administrator would want to know before
 * others notice, each with what to do. */
#pragma once

#include "core/cx.h"

/* When a line becomes "soon" and "now". A disk: of the whole of it, and in bytes, as on a large one
 * a twentieth is much. Certificates: those who renew by themselves do so a month before the end. */
enum {
	HEALTH_DISK_SOON_PERCENT = 15,
	HEALTH_DISK_BAD_PERCENT = 5,
	HEALTH_BACKUP_SOON_DAYS = 2,
	HEALTH_BACKUP_BAD_DAYS = 8,
	HEALTH_CERTIFICATE_SOON_DAYS = 21,
	HEALTH_CERTIFICATE_BAD_DAYS = 7,
};
#define HEALTH_DISK_SOON_BYTES (INT64_C(20) << 30)
#define HEALTH_DISK_BAD_BYTES (INT64_C(2) << 30)

enum health_state {
	HEALTH_OFF, /* not used, or somebody else's task */
	HEALTH_GOOD,
	HEALTH_SOON, /* something is to be done, without hurry */
	HEALTH_BAD,  /* now */
};

enum health_thing {
	HEALTH_DATA,
	HEALTH_FILES,
	HEALTH_BACKUP,
	HEALTH_MAIL,
	HEALTH_TEXTS,
	HEALTH_CERTIFICATE,
	HEALTH_DATABASE,
	HEALTH_SCANNER,
	HEALTH_PDF,
	HEALTH_STAMP,
	HEALTH_THINGS,
};

struct health_line {
	enum health_thing thing;
	enum health_state state;
	struct str is;   /* a sentence: how it is */
	struct str todo; /* one or more: what to do; empty: nothing */
};

/* In the order of the things. database_bytes: as last measured; 0: not yet. */
enum err health_read(struct cx *cx, int64_t database_bytes,
		     struct health_line ret[HEALTH_THINGS]) MUST_CHECK;
/* "backup"; "bad". For programs. */
const char *health_thing_word(enum health_thing thing);
const char *health_state_word(enum health_state state);
/* "Backup", in the reader's language. */
struct str health_thing_name(const struct cx *cx, enum health_thing thing);

/* Looks at what answers at once: by housekeeping, as it may take seconds. */
void health_look(struct cx *cx);
