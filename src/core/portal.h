/* One portal: everything a request needs that outlives it. Passed down, never global, so that tests
 * run many side by side and one process can serve several some day. */
#pragma once

#include "base/clock.h"
#include "core/health_notes.h"
#include "core/settings.h"
#include "core/user.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "store/db.h"

#include <pthread.h>

struct beside;
struct blobs;
struct downloads;
struct export_turns;
struct live;
struct pdf_workers;
struct scanner;
struct spam_filter;
struct throttle;
struct timestamper;
struct uploads;

struct settings_snapshot;

struct portal {
	struct store *store;
	struct str data_dir;
	struct blobs *blobs;           /* of files (store/blob.h) */
	const char *destructions_path; /* core/destroyed_journal.h */
	const struct clock *clock;
	const struct settings *_Atomic settings; /* the newest (core/settings_live.h) */
	struct settings_snapshot *settings_newest;
	pthread_mutex_t settings_lock;
	struct secret *row_key;        /* authenticates rows; from the master key */
	struct secret *portal_private; /* opens managed custody and pending invitees' keys */
	uint8_t portal_public[PUBLIC_KEY_BYTES]; /* pinned in the master key file */
	struct secret *queue_key;                /* encrypts queued mails */
	struct secret *audit_key;                /* encrypts what the audit log says */
	struct password_pool *passwords;
	struct password_cost password_cost;
	struct throttle *throttle;
	struct export_turns *export_turns;
	struct uploads *uploads; /* who is sending a file now (core/uploads.h) */
	struct beside *beside; /* hashes what is uploaded, beside its encryption (base/beside.h) */
	struct downloads *downloads;          /* those that run (core/download.h) */
	struct live *live;                    /* who is told at once (core/live.h) */
	struct scanner *scanner;              /* for viruses; NULL: none is configured */
	struct spam_filter *spam_filter;      /* for texts of mails; NULL: none is configured */
	struct pdf_workers *pdf;              /* for documents to sign; NULL: it is not there */
	struct timestamper *timestamper;      /* for signatures; of the server in the settings */
	struct health_notes health;           /* how what is outside has been faring */
	struct str breached_path;             /* of a file (core/breached.h); empty: none */
	void (*mail_waiting)(void *argument); /* called after mails were queued; may be NULL */
	void *mail_argument;
	struct id swept_blob;       /* up to here the last sweep looked at blobs */
	_Atomic bool has_to_erase;  /* somebody wholly (core/people_erase_rest.h), soon */
	_Atomic int search_helpers; /* threads that help searching (core/search_scan.h) */
	struct str checkpoints;     /* file of the audit log's (core/audit_checkpoint.h) */
	struct arena arena;         /* for settings' strings */
};

struct portal_options {
	struct str data_dir;
	struct str store_url;      /* empty: sqlite in the data folder */
	struct str blobs_url;      /* empty: files/ in the data folder */
	struct str checkpoints;    /* file; empty: audit-checkpoints in the data folder */
	struct str destructions;   /* path; empty: destructions.log in the data folder */
	const struct clock *clock; /* NULL: the system's */
	const struct password_cost
		*password_cost; /* NULL: the default. Tests choose a cheap one. */
	int password_threads;   /* 0: two */
	int password_queue_max; /* 0: 32 */
	int max_connections;    /* 0: 16 */
	bool is_store_unsafe;   /* tests only: nothing is synced */
};

struct portal_setup {
	struct str name;
	struct str url;
	struct str admin_address;
	enum custody custody;
};

/* Makes a new portal in an empty or missing folder: master key file (0600), portal key, settings,
 * first administrator. The set-up link's token text is in ret_link's arena ("URL/register/TOKEN").
 * ERR_CONFLICT if there is a portal or a master key already: neither is touched. */
enum err portal_create(const struct portal_options *options, const struct portal_setup *setup,
		       struct arena *arena, struct str *ret_link) MUST_CHECK;
/* Opens an existing one. ERR_NOT_FOUND: nothing there; ERR_CORRUPT: key file and database do not
 * belong together. */
enum err portal_open(const struct portal_options *options, struct portal **ret) MUST_CHECK;
/* NULL is fine. */
void portal_close(struct portal *portal);
