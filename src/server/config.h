/* How this process is to run: DIR/postern.conf, overridden by options of the same names on the
 * command line. What the portal itself is (name, URL, policies) is in the database. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

struct config {
	struct arena *arena; /* what the values live in */
	struct str listen;   /* address:port */
	struct str tls_cert; /* paths of PEM files; both or none */
	struct str tls_key;
	struct str mail; /* smtp://..., smtps://..., dir:PATH; empty: files in the data folder */
	struct str
		mail_from;  /* address that e-mails come from; empty: made from the portal's URL */
	struct str mail_ca; /* path of further certificates to trust for the mail server */
	struct str clamd;   /* unix:PATH or tcp:ADDRESS:PORT; empty: nothing looks for viruses */
	struct str spamd;   /* the same of a spam filter, for texts; or ADDRESS:PORT */
	struct str breached_passwords; /* path of a file (core/breached.h); empty: none */
	struct str store; /* sqlite: or postgres://...; empty: sqlite in the data folder */
	struct str
		destructions; /* path of the journal; empty: destructions.log in the data folder */
	struct str private_targets; /* network addresses that servers named in settings may have */
	struct str trusted_proxies; /* comma-separated network addresses */
	struct str
		audit_checkpoints; /* file; empty: in the data folder (core/audit_checkpoint.h) */
	int64_t workers;           /* 0: the server decides */
	int64_t password_workers;  /* 0: the server decides */
	enum log_level log_level;
};

/* Reads DIR/postern.conf: lines of `key = value`, empty ones, and ones that begin with #. A missing
 * file gives the defaults. ERR_INVALID for a mistake, ERR_TOO_LARGE for a huge file,
 * ERR_UNAVAILABLE if it cannot be read; *ret_message is then a sentence that names file and line
 * (never the value, which may hold a password). */
enum err config_load(struct arena *arena, struct str data_dir, struct config *ret,
		     struct str *ret_message) MUST_CHECK;
/* The same from memory; `file` is only for the sentence. */
enum err config_parse(struct arena *arena, struct str file, struct str content, struct config *ret,
		      struct str *ret_message) MUST_CHECK;
/* Overrides one setting, for `--key value`. ERR_NOT_FOUND: no such setting. ERR_INVALID: not a
 * value for it. */
enum err config_set(struct config *config, struct str key, struct str value,
		    struct str *ret_message) MUST_CHECK;
/* What can only be said when everything is read: settings that need each other. ERR_INVALID with a
 * sentence. */
enum err config_check(const struct config *config, struct str *ret_message) MUST_CHECK;

/* The settings that differ and are only read at a start, each in turn: the first at *at = 0. NULL
 * when there is no further one. */
const char *config_next_fixed_change(const struct config *running, const struct config *next,
				     size_t *at);
