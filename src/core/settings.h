/* What is decided once for the whole portal, as a value: what the acts of core/ look at. Which
 * names and bounds they have is in core/portal_settings.c, how they change in core/settings_live.h.
 */
#pragma once

#include "base/str.h"
#include "store/users.h"

enum access_mode { ACCESS_OPEN = 1, ACCESS_CONTROLLED = 2 }; /* P2.2 */
/* Of what is uploaded, when there is a scanner (core/upload_scan.h). */
enum virus_scan {
	VIRUS_SCAN_OFF = 1,
	VIRUS_SCAN_MARK = 2,   /* what is infected can be sent, and is marked for both sides */
	VIRUS_SCAN_REFUSE = 3, /* it is refused; without the scanner nothing is taken */
};
/* To whom guests may write by themselves (P1.4). */
enum guest_compose {
	GUEST_COMPOSE_ANY = 1,   /* any professional */
	GUEST_COMPOSE_KNOWN = 2, /* professionals who have written to them */
};

/* What an administrator can switch off (P1.3, P7): nobody begins it any more, and no page, answer
 * of the API or help speaks of it. What was begun before stays readable and can be finished. */
enum feature {
	FEATURE_ALWAYS, /* what cannot be switched off */
	FEATURE_FILES,
	FEATURE_SIGNATURES,
	FEATURE_RECALL,
	FEATURE_FORWARDING,
	FEATURE_CONFIDENTIAL,
	FEATURE_EXPIRY,
	FEATURE_COUNT,
};

struct settings {
	struct str name;      /* of the organisation's portal, in pages and mails */
	struct str url;       /* public address, no trailing slash: "https://mail.example.com" */
	enum custody custody; /* of people who register from now on */
	enum access_mode access;
	int64_t invitation_days;
	int64_t session_idle_minutes;
	int64_t session_total_hours;
	int64_t reset_minutes;
	int64_t seat_limit;      /* 0: none */
	bool is_subject_in_mail; /* P3.1 */
	struct str support;      /* whom to ask for help: address or number; may be empty */
	struct str accent_light; /* "#17605b"; empty: ours (core/colour.h) */
	struct str accent_dark;
	struct str logo;      /* "png-0123456789abcdef" (core/branding.h); empty: ours */
	struct str terms_url; /* empty: no terms to agree to */
	int64_t messages_per_hour_professional; /* by one sender (base/limits.h) */
	int64_t messages_per_hour_guest;
	int64_t messages_per_day_professional;
	int64_t messages_per_day_guest;
	int64_t invitations_per_day_professional; /* people new to the portal, by one sender */
	int64_t password_min_chars;
	bool has_breached_check;    /* of new passwords (core/breached.h) */
	int64_t retention_days;     /* older messages go, from everybody; 0: none do */
	int64_t expiry_days;        /* written into new messages; 0: nothing is */
	int64_t trash_days;         /* what is in Trash for longer is deleted for ever */
	int64_t file_max_bytes;     /* of one file */
	int64_t message_max_bytes;  /* of all files of a message */
	int64_t quota_bytes;        /* of all files that one person has uploaded; 0: none */
	struct str blocked_endings; /* "exe, bat": of files that nobody may upload */
	enum virus_scan virus_scan;
	struct str timestamp_url; /* of a server for time stamps (RFC 3161); empty: none */
	enum guest_compose guest_compose;
	bool is_off[FEATURE_COUNT];
};

static inline bool settings_have(const struct settings *settings, enum feature feature)
{
	/* Documents to sign are files. */
	if (feature == FEATURE_SIGNATURES && settings->is_off[FEATURE_FILES])
		return false;
	return feature == FEATURE_ALWAYS || !settings->is_off[feature];
}
