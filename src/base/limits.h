/* Every size, count and time that outside input can reach, each with its reason. Checked at the
 * edge; over a limit is ERR_TOO_LARGE with a sentence. */
#pragma once

enum {
	/* HTTP. Headers: cookies and long links fit, and so do 10,000 idle connections in 150 MB,
	 * whose memory pools are sized by this. */
	LIMIT_HEADER_BYTES = 8 * 1024,
	LIMIT_HEADER_COUNT = 64,
	LIMIT_PATH_BYTES = 2048,
	LIMIT_QUERY_BYTES = 4096,
	LIMIT_FORM_FIELDS = 4096,     /* compose with many chosen recipients */
	LIMIT_BODY_SMALL = 64 * 1024, /* sign-in, registration, account */
	LIMIT_BODY_MESSAGE =
		4 << 20, /* a message body, percent-encoded (3 bytes for 1) and its recipients */
	/* Bodies being collected or worked on, all together; anybody may begin one. */
	LIMIT_BODIES_BYTES = 256 << 20,
	LIMIT_LARGE_BODIES_PER_NETWORK = 32 << 20, /* eight of the largest from one household */
	/* Answers that wait for their readers, all together. At half of it the slowest readers are
	 * cut; at the limit a page is refused for now. */
	LIMIT_ANSWERS_BYTES = 256 << 20,
	LIMIT_ANSWER_SMALL = 256 * 1024, /* lists and most messages: a quarter is kept for them */
	LIMIT_LARGE_ANSWERS_PER_NETWORK = 64 << 20, /* four of the largest to one household */
	LIMIT_REQUEST_ARENA = 24 << 20,             /* memory one request may take */
	LIMIT_RESPONSE_BYTES = 16 << 20,
	LIMIT_HEADER_TIME_MS = 15000,  /* whole header, however slowly it drips */
	LIMIT_BODY_BYTES_PER_S = 1024, /* slower bodies are cut after the grace */
	LIMIT_BODY_GRACE_MS = 15000,   /* also the longest pause, whatever came before */
	LIMIT_SEND_BYTES_PER_S = 4096, /* answers wait in memory for their readers */
	LIMIT_SEND_GRACE_MS = 15000,
	/* Answers made while they are read (http/stream.h): live events, exports, files.
	 * libmicrohttpd looks through the suspended ones for each that it wakes, so not many more.
	 */
	LIMIT_STREAMS = 8000,
	LIMIT_STREAMS_PER_NETWORK = 256,    /* of one office */
	LIMIT_STREAMS_PER_USER = 16,        /* a window each; browsers share one among theirs */
	LIMIT_STREAM_PIECE_BYTES = 1 << 20, /* two at most are in memory for each */
	LIMIT_STREAM_UNREAD_MS = 30000,   /* a live one whose client acknowledges nothing is cut */
	LIMIT_SINK_PIECE_BYTES = 1 << 20, /* the same for bodies taken while they come ... */
	LIMIT_SINK_FIRST_PIECE_BYTES = 256 * 1024, /* ... from whom may be slow */
	LIMIT_IDLE_TIME_S = 75,                    /* keep-alive */
	LIMIT_CONNECTIONS = 19000,                 /* below the usual hard limit of 20,000 files */
	LIMIT_CONNECTIONS_PER_NETWORK = 512, /* an IPv4 address, maybe of an office; an IPv6 /64 */
	LIMIT_CONNECTIONS_PER_PROXY = 12000, /* trusted proxies and this machine: many people */

	/* People. RFC 5321 4.5.3.1: local part 64, address 254. */
	LIMIT_ADDRESS_BYTES = 254,
	LIMIT_LOCAL_PART_BYTES = 64,
	LIMIT_NAME_CHARS = 100,
	LIMIT_PASSWORD_MIN_CHARS = 12,
	LIMIT_PASSWORD_MAX_CHARS = 256,
	LIMIT_USER_AGENT_BYTES = 200,
	LIMIT_SESSIONS_PER_USER = 50, /* the oldest is ended by the 51st */
	/* Further addresses of one person, and those that wait to be confirmed: all of them stand
	 * in one entry of the audit log. */
	LIMIT_ALIASES = 6,
	LIMIT_ADDRESS_ASKED_PER_HOUR = 10, /* confirmations for one person ... */
	LIMIT_ADDRESS_MAILS_PER_HOUR = 3,  /* ... and to one mailbox, whoever asks */
	LIMIT_ADDRESS_LINK_HOURS = 24,     /* long enough for a mailbox that is read once a day */
	LIMIT_ADDRESS_BACK_HOURS = 72,     /* over a weekend: what nobody wanted is noticed */

	/* Messages. */
	LIMIT_RECIPIENTS = 500,
	LIMIT_SUBJECT_CHARS = 250,
	LIMIT_BODY_BYTES = 1 << 20,
	LIMIT_MARKDOWN_BYTES = 64 * 1024, /* formatted; longer ones are shown as plain text: cmark
					     takes up to 190 bytes for one */
	LIMIT_PAGE_ROWS = 200,
	LIMIT_PAGE_ROWS_DEFAULT = 50,
	LIMIT_CONVERSATION_MESSAGES = 500, /* shown on one page, newest kept */
	LIMIT_CONVERSATION_BODY_BYTES =
		1 << 20, /* of texts shown around the message asked for; others get a link */
	LIMIT_MESSAGE_PEOPLE = 50,        /* named for each message of a conversation ... */
	LIMIT_CONVERSATION_PEOPLE = 1000, /* ... until this many are; then three each */
	LIMIT_FORWARD_CHAIN = 10, /* a forward of a forward: each hands on the keys of all before */
	LIMIT_CONVERSATION_QUOTES = 50, /* forwarded messages shown on one page */
	LIMIT_EXPIRY_DAYS = 3653,       /* ten years ahead: later is a slip of the pen */
	LIMIT_EXPIRY_BYTES = 40,        /* as typed; the longest form has 29 */
	/* A message as a file: with all that it forwards, each byte as three (quoted-printable). */
	LIMIT_EML_BYTES = 40 << 20,
	LIMIT_EXPORT_NAMES_BYTES = 128 << 20, /* of an export: half a million messages */
	LIMIT_LIVE_EVENTS = 32, /* kept for one open window; then it is told to look at all again */
	LIMIT_LIVE_RECENT = 4096, /* of everybody: what a window that comes back may have missed */
	LIMIT_IDEMPOTENCY_KEY_BYTES = 255,
	LIMIT_RECALL_REASON_CHARS = 500,       /* stands where the message stood */
	LIMIT_FILE_REACH_TOLD = 10000,         /* windows and downloads of those who lose a file */
	LIMIT_RECALL_ARENA = 128 << 20,        /* some 100,000 who have it, forwarded to or not */
	LIMIT_DRAFTS = 500,                    /* of one person; each may hold a whole message */
	LIMIT_DRAFT_PEOPLE_BYTES = 256 * 1024, /* To, Cc or Bcc: 500 addresses with names */
	/* Search. What is folded grows with some scripts; more of one text is not found. */
	LIMIT_FOLDED_BYTES = 2 << 20,
	LIMIT_SEARCH_BYTES = 2000,       /* what is typed */
	LIMIT_SEARCH_MESSAGES = 20000,   /* looked at by one request, which says where to go on */
	LIMIT_SEARCH_COST = 160 << 20,   /* the same in bytes decrypted */
	LIMIT_SEARCHES_PER_MINUTE = 600, /* by one person; a search of 100,000 messages takes ten */
	LIMIT_LABELS = 100,              /* of one person: all stand on one page */
	LIMIT_LABELS_PER_MESSAGE = 20,
	LIMIT_LABEL_CHARS = 50,
	LIMIT_PEOPLE_TYPED_BYTES = 300, /* searching all people: an address, and some more */
	LIMIT_PEOPLE_COUNTED = 1000000, /* found by a search; then it says "more than" */
	LIMIT_PEOPLE_SCAN = 20000,      /* contacts that one search looks at; then a page ends */
	LIMIT_BLOCKS = 500,             /* guests one person blocks: all stand on one page */
	LIMIT_BLOCKERS = 2000,          /* professionals looked at who block one guest */
	LIMIT_GROUPS = 100, /* of one person; all are decrypted to find one by its name */
	LIMIT_GROUP_NAME_CHARS = 60,
	LIMIT_GROUP_MEMBERS = 200,
	LIMIT_AWAY_CHARS = 2000,
	LIMIT_AWAY_ANSWERS =
		50, /* automatic ones to one message; the others who are away are silent */
	LIMIT_SIGNATURE_CHARS = 1000,
	/* Files. Sizes of files, messages and what a person may keep are settings. */
	LIMIT_FILE_NAME_BYTES = 255,
	LIMIT_FILE_TYPE_BYTES = 127,
	LIMIT_UPLOAD_METADATA_BYTES = 4096, /* as sent; a name of 10 KB is 431 already */
	LIMIT_MESSAGE_FILES = 100,          /* of one message ... */
	LIMIT_MESSAGE_FILE_KEYS = 10000,    /* ... and times its recipients: each is a seal */
	LIMIT_UPLOADS_UNFINISHED = 200,     /* of one person */
	LIMIT_FILES_UNSENT = 5000, /* the same in no message yet: small ones cost more than bytes */
	LIMIT_UPLOADS_PER_USER = 16, /* at once; as of answers (LIMIT_STREAMS_PER_USER) */
	LIMIT_UPLOAD_HOURS = 24,     /* without progress; the same for what is never sent */
	/* A blob that no row names: after so long its upload cannot go on any more, and it is
	   garbage. Rows may come late where a checksum of all of a request has to be right. */
	LIMIT_ORPHAN_HOURS = LIMIT_UPLOAD_HOURS + 1,
	LIMIT_SWEEP_BLOBS = 2000,    /* looked at by one sweep; the next one goes on there */
	LIMIT_UPLOAD_RIVAL_MS = 500, /* who brings nothing for so long loses to who comes back */
	LIMIT_UPLOAD_RIVALS_AWAITED = 4,  /* at once, by all: a worker each, of eight a core */
	LIMIT_FILE_PARTS = 20000,         /* of one file: 5 GB in requests of 256 KB */
	LIMIT_FILE_PART_BYTES = 64 << 20, /* of one part ... */
	LIMIT_FILE_PART_MS = 5000,        /* ... and so much time: what a kill -9 may cost */
	/* Looking for viruses. All steps of one file together: below the 60 s after which reverse
	 * proxies usually give up. */
	LIMIT_SCAN_ANSWER_MS = 45000,
	LIMIT_SCAN_STEP_MS = 2000, /* one step of a scanner that works */
	LIMIT_SCANS_WAITING = 3,   /* may wait for longer, at once: a worker each */
	LIMIT_SCAN_ANSWER_BYTES = 1024,
	/* What a spam filter says of a text that an administrator writes. */
	LIMIT_SPAMD_ANSWER_MS = 8000,
	LIMIT_SPAMD_ANSWER_BYTES = 16 * 1024,
	LIMIT_LIBRARY_SCAN = 2000,    /* files whose names one search looks at; then a page ends */
	LIMIT_LIBRARY_MESSAGES = 200, /* by which a file was sent or came, on its page */
	LIMIT_RIGHTS_MS = 200,        /* so often a running download looks whether it may go on */
	LIMIT_MULTIPART_PARTS = 200,
	LIMIT_MULTIPART_HEADER_BYTES = 4096,
	/* Signatures. What a document may cost is bounded by the worker's own limits too. */
	LIMIT_PDF_BYTES = 100 << 20, /* 512 MB of memory do for so many, measured */
	LIMIT_PDF_GROWTH_BYTES =
		32 << 20, /* by which signatures, marks and fonts may make it longer */
	/* Of these, one signer's: so that nobody takes away the others' room. */
	LIMIT_PDF_SIGNER_BYTES = 600 << 10,
	LIMIT_PDF_MARK_BYTES = 4 << 10, /* and for each thing they fill in */
	LIMIT_PDF_MEMORY = 512 << 20,   /* of one worker */
	LIMIT_PDF_PROGRAM_BYTES = 192
				  << 20,  /* of address space: the program, its fonts, libraries */
	LIMIT_PDF_STACK_BYTES = 64 << 20, /* for chains of 50,000 objects and more */
	LIMIT_PDF_STORE_BYTES = 64 << 20, /* what it may keep for later */
	LIMIT_PDF_SECONDS = 30,           /* of one job: processor time, and by the clock */
	LIMIT_PDF_PAGES = 5000,
	LIMIT_PDF_PAGE_POINTS = 14400,    /* each side: 200 inches, as PDF 1.7 readers take them */
	LIMIT_PDF_ANSWER_BYTES = 8 << 20, /* what a worker says besides the document */
	LIMIT_PDF_JOB_BYTES = 16 << 20,   /* a request to sign, the trail, all fields */
	LIMIT_PDF_WAIT_MS = 20000,        /* for one of the workers to be free */
	LIMIT_PDF_JOBS_EACH = 2,          /* of one person, at work or waiting */
	LIMIT_PDF_HOUR_MS =
		15 * 60 * 1000,   /* of a worker's time for one person's drafts within the hour */
	LIMIT_SIGNING_FILES = 20, /* documents of one request */
	LIMIT_SIGNING_SIGNERS = 50,
	LIMIT_SIGNING_FIELDS = 1000, /* of one request */
	LIMIT_SIGNING_FIELD_ID_BYTES = 32,
	LIMIT_SIGNING_LABEL_CHARS = 100,
	LIMIT_SIGNING_TEXT_CHARS = 500, /* in one field */
	LIMIT_SIGNING_NAME_CHARS = 100, /* a typed signature */
	LIMIT_SIGNING_PNG_BYTES = 256 * 1024,
	LIMIT_SIGNING_PNG_PIXELS = 2000, /* each side */
	LIMIT_SIGNING_BYTES = 4 << 20,   /* a request to sign, with all its pictures */
	LIMIT_SIGNING_DAYS = 366,        /* deadline, and days of reminders */
	LIMIT_SIGNING_REMINDERS = 20,    /* to one signer by itself */
	LIMIT_SIGNING_EVENTS =
		2000, /* of one request; neither further downloads nor reminders are told */
	LIMIT_SIGNING_TRIES = 5,         /* of two at once, on each other's result */
	LIMIT_SIGNING_BAD_PICTURES = 20, /* of one person within the hour: each costs a worker */
	LIMIT_SIGNING_TEMPLATES = 100,   /* of one person */
	LIMIT_TIMESTAMP_MS = 10000,
	LIMIT_TIMESTAMP_REST_MS =
		60000, /* a server that did not answer is left alone for so long */
	LIMIT_TIMESTAMP_BYTES = 64 * 1024,
	/* By which its clock may differ from ours: certificates begin as much earlier. */
	LIMIT_TIMESTAMP_SKEW_MS = 10 * 60 * 1000,
	LIMIT_PKCS12_BYTES = 64 * 1024,
	/* Of hashing, all its parts together: seconds. Usual are 6,000. */
	LIMIT_PKCS12_ROUNDS = 5000000,
	LIMIT_CMS_BYTES = 256 * 1024, /* of a signature in a document of whatever origin */
	/* Sending by one person. What a person writes by hand is far below; a program that sends
	 * for an organisation has the setting raised. The messages are settings. */
	LIMIT_MESSAGES_PER_HOUR_PROFESSIONAL = 1000,
	LIMIT_MESSAGES_PER_HOUR_GUEST = 60,
	LIMIT_MESSAGES_PER_DAY_PROFESSIONAL = 10000,
	LIMIT_MESSAGES_PER_DAY_GUEST = 600,
	LIMIT_INVITATIONS_PER_DAY_PROFESSIONAL = 1000, /* people new to the portal */
	LIMIT_RECIPIENTS_PER_ALLOWED_MESSAGE = 10, /* an hour's recipients; but 500 in any case */
	/* For somebody who has not registered: registering opens and rewraps every one at once. */
	LIMIT_WAITING_MESSAGES = 1000,
	LIMIT_FRESH_SIGN_IN_MINUTES = 15, /* for what nobody can bring back (ASVS 7.5.3) */
	LIMIT_HELP_MAILS_PER_HOUR = 3,    /* with a lost password, to one address, whoever asks */
	LIMIT_INVITATIONS_AGAIN_PER_HOUR = 3, /* mails to one invited person, whoever asks */

	LIMIT_IMPORT_BYTES = 4 << 20, /* a list of people */
	LIMIT_IMPORT_ROWS = 20000,
	LIMIT_IMPORT_STEP = 100, /* of them in one transaction */
	LIMIT_RULES = 10000,     /* registration rules */

	/* Housekeeping: old rows of one kind deleted by one transaction, and by one sweep. */
	LIMIT_SWEEP_ROWS = 500,
	LIMIT_SWEEP_BATCHES = 40,

	/* JSON. */
	LIMIT_JSON_DEPTH = 32,

	/* Failed sign-ins, of everybody together: each is a row that stays. */
	LIMIT_AUDIT_FAILED_PER_HOUR = 3000,
	LIMIT_MAIL_TEXT_BYTES = 10000,      /* of one that an administrator writes */
	LIMIT_AUDIT_TEXT_BYTES = 16 * 1024, /* what one entry of the audit log says */

	/* Configuration. */
	LIMIT_CONFIG_FILE_BYTES = 64 * 1024,
	LIMIT_CONFIG_VALUE_BYTES = 4096,

	/* Mail. RFC 5321 4.5.3.1.6: text lines of 998 bytes. */
	LIMIT_MAIL_LINE_BYTES = 998,
	LIMIT_MAIL_BYTES = 256 * 1024,
	LIMIT_MAIL_REPLY_BYTES = 1000, /* what a mail server said, kept for the sender */
};
