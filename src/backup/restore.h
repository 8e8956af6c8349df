/* A portal out of a backup (backup/backup.h). It is made beside its place and only then put there:
 * until everything has been read, checked and mended, there is nothing in it. */
#pragma once

#include "backup/archive.h"
#include "core/check.h"
#include "core/destroyed_journal.h"
#include "core/portal.h"

struct restore_options {
	const char *from;
	struct str data_dir; /* missing or empty; the folder above is there */
	struct str
		store_url; /* empty: SQLite in the data folder; else a database without a portal */
	struct str
		destructions; /* journal of the old portal; empty: the one beside the key, if any */
	bool ignores_destructions;
	struct str key_path;       /* of the master key file; empty: POSTERN_MASTER_KEY_FILE */
	bool keeps_queue;          /* e-mails that were waiting are sent; else they have ended */
	const struct clock *clock; /* NULL: the system's */
	const struct password_cost *password_cost; /* NULL: the default */
	/* May be NULL. */
	void (*progress)(void *argument, bool is_checking, int64_t bytes, int64_t total);
	void (*tell)(void *argument, struct str sentence); /* of what is not whole in it */
	void *argument;
};

enum restore_failure {
	RESTORE_FAILED_OTHERWISE,
	RESTORE_NO_FILE,
	RESTORE_NO_BACKUP, /* that file is none */
	RESTORE_DAMAGED,
	RESTORE_TOO_NEW, /* of a later version of the program */
	RESTORE_NO_KEY,
	RESTORE_KEY_READABLE,
	RESTORE_KEY_BAD,
	RESTORE_KEY_WRONG, /* of another portal */
	RESTORE_NOT_EMPTY,
	RESTORE_NO_FOLDER, /* above it */
	RESTORE_BUSY,      /* another restore is writing there */
	RESTORE_JOURNAL_MISSING,
	RESTORE_JOURNAL_BAD,
	RESTORE_STORE_TAKEN,
	RESTORE_STORE_BAD,
};

struct restore_report {
	enum restore_failure failure; /* when it is not OK */
	int64_t where;                /* byte of the archive, of RESTORE_DAMAGED */
	int64_t at_ms;                /* of the backup */
	struct str name;
	struct archive_counts counts;
	int64_t sessions;    /* ended */
	int64_t mails;       /* ended */
	const char *journal; /* that was used; NULL: none */
	struct destroyed_replay destroyed;
	struct check_report check;
};

/* Only looks whether the backup is whole and the key is the right one. */
enum err restore_check(const struct restore_options *options, struct arena *arena,
		       struct restore_report *ret) MUST_CHECK;
/* The report is filled in as far as it went. */
enum err restore_portal(const struct restore_options *options, struct arena *arena,
			struct restore_report *ret) MUST_CHECK;
