/* What was said on an SMTP connection, and what it means for the letter: libcurl's result alone
 * does not tell a refused recipient from a refused login. */
#pragma once

#include "mail/transport.h"

#include <curl/curl.h>

/* How far the conversation came. */
enum smtp_phase {
	SMTP_HELLO, /* greeting, EHLO, STARTTLS, AUTH */
	SMTP_SENDER,
	SMTP_RECIPIENT,
	SMTP_DATA,
	SMTP_BODY, /* the text was sent: whether the server has it is open until it answers */
};

struct smtp_talk {
	enum smtp_phase phase;
	bool is_over;     /* goodbye was said: what follows is not about the letter */
	bool needs_utf8;  /* the envelope has letters beyond ASCII (RFC 6531) */
	bool speaks_utf8; /* the server has said on this connection that it takes them */
	int64_t code;     /* of the last complete reply; 0: none to the last command */
	size_t reply_len; /* the reply's lines, cut to fit */
	char reply[LIMIT_MAIL_REPLY_BYTES];
};

/* Another letter, maybe on the same connection. */
void smtp_talk_begin(struct smtp_talk *talk, const struct letter *letter);
/* Whether the server must not get the letter: it has not said that it takes its addresses. */
bool smtp_talk_lacks_utf8(const struct smtp_talk *talk);
/* We sent a command line: its phase begins, the last reply is forgotten. */
void smtp_talk_sent(struct smtp_talk *talk, struct str line);
/* The text of the letter is being sent. */
void smtp_talk_sent_body(struct smtp_talk *talk);
/* The server sent a line, whatever is in it. */
void smtp_talk_received(struct smtp_talk *talk, struct str line);
/* The outcome, given libcurl's result. */
void smtp_talk_conclude(const struct smtp_talk *talk, CURLcode result, struct mail_outcome *ret);
