/* The closed list of ways in which a Postern function can fail. */
#pragma once

enum err {
	OK = 0,
	ERR_INVALID,     /* the input is wrong; the caller can mend it */
	ERR_DENIED,      /* policy or a missing way in says no */
	ERR_NOT_FOUND,   /* there is no such thing, or not for this user */
	ERR_CONFLICT,    /* it exists already, or somebody was faster */
	ERR_TOO_LARGE,   /* over a limit of base/limits.h */
	ERR_BUSY,        /* too much at once; the same call may work later */
	ERR_UNAVAILABLE, /* disk full, database or mail server out of reach */
	ERR_CORRUPT,     /* stored data fails its check; an alarm was logged */
	ERR_INTERNAL,    /* a mistake of ours */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Returns early from the calling function with the error of `call`, if any. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum err try_err_ = (call);                                                        \
		if (try_err_ != OK)                                                                \
			return try_err_;                                                           \
	} while (0)

/* A short, stable word for logs: "not_found". Never shown to people. */
const char *err_name(enum err err);
