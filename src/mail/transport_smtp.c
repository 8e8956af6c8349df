#include "mail/transport_smtp.h"

#include "base/encode.h"
#include "base/log.h"
#include "mail/smtp_talk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CONNECT_TIMEOUT_MS = 15000,
	TOTAL_TIMEOUT_MS = 60000,
	GOODBYE_TIMEOUT_S = 2, /* for the answer to QUIT */
	URL_MAX_BYTES = 2048,
};

struct smtp {
	struct transport transport; /* first: it is what others hold */
	CURL *curl;                 /* holds the connection; NULL while resting */
	struct mail_url url;        /* in the arena */
	struct str target;          /* as libcurl wants it, without the login */
	const char *ca_file;        /* NULL: the system's */
	int64_t connect_timeout_ms;
	int64_t total_timeout_ms;
	struct arena arena;
	/* Of the letter being delivered: */
	struct smtp_talk talk;
	struct str rest; /* bytes not sent yet */
	char why[CURL_ERROR_SIZE];
};

static size_t read_letter(char *out, size_t size, size_t count, void *argument)
{
	struct smtp *smtp = argument;
	struct str part = str_slice(smtp->rest, 0, size * count);
	smtp_talk_sent_body(&smtp->talk);
	if (smtp_talk_lacks_utf8(&smtp->talk))
		return CURL_READFUNC_ABORT;
	if (part.len > 0)
		memcpy(out, part.data, part.len);
	smtp->rest = str_slice(smtp->rest, part.len, smtp->rest.len);
	return part.len;
}

/* libcurl shows here every line of both sides, logins included: nothing of it is logged. */
static int overhear(CURL *curl, curl_infotype type, char *data, size_t len, void *argument)
{
	struct smtp *smtp = argument;
	if (type == CURLINFO_HEADER_OUT)
		smtp_talk_sent(&smtp->talk, (struct str){data, len});
	if (type == CURLINFO_HEADER_IN)
		smtp_talk_received(&smtp->talk, (struct str){data, len});
	/* libcurl waits for the answer to QUIT outside of the total timeout. */
	if (smtp->talk.is_over)
		curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)GOODBYE_TIMEOUT_S);
	return 0;
}

static void set_login(struct smtp *smtp)
{
	if (str_is_empty(smtp->url.user))
		return;
	curl_easy_setopt(smtp->curl, CURLOPT_USERNAME, smtp->url.user.data);
	curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD, smtp->url.password.data);
}

static void set_tls(struct smtp *smtp)
{
	bool is_required = smtp->url.kind == MAIL_URL_SMTPS || !str_is_empty(smtp->url.user) ||
			   smtp->ca_file != NULL;
	curl_easy_setopt(smtp->curl, CURLOPT_USE_SSL,
			 is_required ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
	curl_easy_setopt(smtp->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* Who can alter the connection can also hide STARTTLS: checking names protects only where
	 * TLS is required. */
	curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYPEER, is_required ? 1L : 0L);
	curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYHOST, is_required ? 2L : 0L);
	if (smtp->ca_file != NULL) {
		curl_easy_setopt(smtp->curl, CURLOPT_CAINFO, smtp->ca_file);
		curl_easy_setopt(smtp->curl, CURLOPT_CAPATH, NULL);
	}
}

static enum err wake(struct smtp *smtp)
{
	if (smtp->curl != NULL)
		return OK;
	smtp->curl = curl_easy_init();
	if (smtp->curl == NULL)
		return ERR_UNAVAILABLE;
	curl_easy_setopt(smtp->curl, CURLOPT_URL, smtp->target.data);
	curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(smtp->curl, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)smtp->connect_timeout_ms);
	curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT_MS, (long)smtp->total_timeout_ms);
	curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, read_letter);
	curl_easy_setopt(smtp->curl, CURLOPT_READDATA, smtp);
	curl_easy_setopt(smtp->curl, CURLOPT_DEBUGFUNCTION, overhear);
	curl_easy_setopt(smtp->curl, CURLOPT_DEBUGDATA, smtp);
	curl_easy_setopt(smtp->curl, CURLOPT_VERBOSE, 1L); /* without it nothing can be overheard */
	curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->why);
	set_login(smtp);
	set_tls(smtp);
	return OK;
}

static CURLcode attempt(struct smtp *smtp, const struct letter *letter, bool is_fresh)
{
	smtp_talk_begin(&smtp->talk, letter);
	smtp->rest = letter->bytes;
	smtp->why[0] = '\0';
	curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
			 (long)(smtp->total_timeout_ms / 1000 + 1));
	curl_easy_setopt(smtp->curl, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
	curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)letter->bytes.len);
	return curl_easy_perform(smtp->curl);
}

/* A server may close a kept connection at any time: that is no failure of the letter, as long as
 * its text was not sent. */
static bool is_stale(struct smtp *smtp)
{
	long connects = 0;
	curl_easy_getinfo(smtp->curl, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && smtp->talk.phase < SMTP_BODY &&
	       (smtp->talk.code == 0 || smtp->talk.code == 421);
}

static CURLcode send_letter(struct smtp *smtp, const struct letter *letter)
{
	char from[LIMIT_ADDRESS_BYTES + 3], to[LIMIT_ADDRESS_BYTES + 3];
	snprintf(from, sizeof(from), "<%.*s>", STR_ARGS(letter->from));
	snprintf(to, sizeof(to), "<%.*s>", STR_ARGS(letter->to));
	struct curl_slist *recipients = curl_slist_append(NULL, to);
	if (recipients == NULL)
		return CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
	CURLcode result = attempt(smtp, letter, false);
	if (result != CURLE_OK && is_stale(smtp))
		result = attempt(smtp, letter, true);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return result;
}

static void smtp_deliver(struct transport *self, const struct letter *letter,
			 struct mail_outcome *ret)
{
	struct smtp *smtp = (struct smtp *)self;
	CURLcode result = wake(smtp) == OK ? send_letter(smtp, letter) : CURLE_OUT_OF_MEMORY;
	smtp_talk_conclude(&smtp->talk, result, ret);
	if (result == CURLE_OK || !ret->is_trouble)
		return;
	log_event(LOG_WARN, "mail.server", LOG_STR("host", smtp->url.host),
		  LOG_INT("port", smtp->url.port),
		  LOG_CSTR("why", smtp->why[0] ? smtp->why : curl_easy_strerror(result)),
		  LOG_STR("status",
			  transport_status((struct str){smtp->talk.reply, smtp->talk.reply_len})));
}

static void smtp_rest(struct transport *self)
{
	struct smtp *smtp = (struct smtp *)self;
	if (smtp->curl == NULL)
		return;
	/* Sends QUIT, but does not wait for the answer: a server that does not give it would hold
	 * us up for two minutes. */
	curl_socket_t socket = CURL_SOCKET_BAD;
	if (curl_easy_getinfo(smtp->curl, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK &&
	    socket != CURL_SOCKET_BAD)
		(void)shutdown(socket, SHUT_RD);
	curl_easy_cleanup(smtp->curl);
	smtp->curl = NULL;
}

static void smtp_close(struct transport *self)
{
	struct smtp *smtp = (struct smtp *)self;
	smtp_rest(self);
	arena_release(&smtp->arena);
	curl_global_cleanup();
	free(smtp);
}

/* libcurl takes the name to introduce ourselves by from the path. */
static struct str make_target(struct arena *arena, const struct mail_url *url, struct str hello)
{
	struct buf target CLEANUP_BUF;
	bool is_ipv6 = str_find_char(url->host, ':') >= 0;
	buf_init(&target, URL_MAX_BYTES);
	buf_addf(&target, "%s://%s%.*s%s:", url->kind == MAIL_URL_SMTPS ? "smtps" : "smtp",
		 is_ipv6 ? "[" : "", STR_ARGS(url->host), is_ipv6 ? "]" : "");
	buf_add_int(&target, url->port);
	buf_add_char(&target, '/');
	encode_url(&target, hello);
	return target.err == OK ? arena_copy(arena, buf_str(&target)) : STR_NONE;
}

static int64_t or_else(int64_t chosen, int64_t usual)
{
	return chosen > 0 ? chosen : usual;
}

enum err transport_smtp_open(const struct transport_options *options, const struct mail_url *url,
			     struct transport **ret)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));
	if (smtp == NULL)
		return ERR_UNAVAILABLE;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(smtp);
		return ERR_UNAVAILABLE;
	}
	arena_init(&smtp->arena, 64 * 1024);
	smtp->transport =
		(struct transport){.deliver = smtp_deliver, .rest = smtp_rest, .close = smtp_close};
	smtp->url = (struct mail_url){
		.kind = url->kind,
		.host = arena_copy(&smtp->arena, url->host),
		.port = url->port,
		.user = arena_copy(&smtp->arena, url->user),
		.password = arena_copy(&smtp->arena, url->password),
	};
	smtp->target = make_target(&smtp->arena, url, options->hello);
	if (!str_is_empty(options->ca_file))
		smtp->ca_file = arena_cstr(&smtp->arena, options->ca_file);
	smtp->connect_timeout_ms = or_else(options->connect_timeout_ms, CONNECT_TIMEOUT_MS);
	smtp->total_timeout_ms = or_else(options->total_timeout_ms, TOTAL_TIMEOUT_MS);
	if (smtp->arena.failed || str_is_empty(smtp->target)) {
		smtp_close(&smtp->transport);
		return ERR_UNAVAILABLE;
	}
	*ret = &smtp->transport;
	return OK;
}
