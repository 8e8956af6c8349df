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
	int64_t code;     /* of the last complete reply; 0: none to the last command */
	size_t reply_len; /* the reply's lines, cut to fit */
	char reply[LIMIT_MAIL_REPLY_BYTES];
};

/* We sent a command line: its phase begins, the last reply is forgotten. */
void smtp_talk_sent(struct smtp_talk *talk, struct str line);
/* The text of the letter is being sent. */
void smtp_talk_sent_body(struct smtp_talk *talk);
/* The server sent a line, whatever is in it. */
void smtp_talk_received(struct smtp_talk *talk, struct str line);
/* The outcome, given libcurl's result. */
void smtp_talk_conclude(const struct smtp_talk *talk, CURLcode result, struct mail_outcome *ret);
