#include "stamp/stamp_client.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { URL_ARENA_BYTES = 16 * 1024, HTTP_OK = 200 };

struct stamp_client {
	struct timestamper timestamper; /* first */
	struct arena arena;             /* of this one */
	const char *ca_file;
	struct networks private_targets;
	int64_t timeout_ms, rest_ms;
	/* Which server is left alone, and until when by the clock that nobody sets. */
	_Atomic uint32_t resting_url;
	_Atomic int64_t resting_until_ms;
};

struct exchange {
	const struct stamp_client *client;
	bool is_kept_out;
	CURL *curl;
	struct curl_slist *headers;
	struct buf answer;
};

static void exchange_release(struct exchange *exchange)
{
	curl_easy_cleanup(exchange->curl);
	curl_slist_free_all(exchange->headers);
	buf_release(&exchange->answer);
}

static size_t take(char *data, size_t size, size_t count, void *argument)
{
	struct exchange *exchange = argument;
	buf_add(&exchange->answer, str_bytes(data, size * count));
	return exchange->answer.err == OK ? size * count : 0;
}

/* The address at last, after all names and spellings of it. */
static curl_socket_t open_socket(void *argument, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct exchange *exchange = argument;
	char text[NETWORK_TEXT_BYTES];
	(void)purpose;
	network_address_text(&address->addr, text);
	if (!network_is_public(str_of(text)) &&
	    !networks_have(&exchange->client->private_targets, str_of(text))) {
		exchange->is_kept_out = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool add_header(struct exchange *exchange, const char *line)
{
	struct curl_slist *longer = curl_slist_append(exchange->headers, line);
	if (longer)
		exchange->headers = longer;
	return longer != NULL;
}

#define SET(option, value) (curl_easy_setopt(exchange->curl, option, value) == CURLE_OK)

/* Of the server's answer nothing is followed: no redirections, no other protocols. */
static bool prepare(const struct stamp_client *client, const char *url, struct exchange *exchange,
		    struct str request)
{
	return SET(CURLOPT_URL, url) && SET(CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
	       SET(CURLOPT_OPENSOCKETDATA, exchange) && SET(CURLOPT_PROXY, "") &&
	       SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
	       SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_TIMEOUT_MS, (long)client->timeout_ms) &&
	       SET(CURLOPT_CONNECTTIMEOUT_MS, (long)client->timeout_ms) &&
	       SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)LIMIT_TIMESTAMP_BYTES) &&
	       (client->ca_file[0] == '\0' || SET(CURLOPT_CAINFO, client->ca_file)) &&
	       SET(CURLOPT_HTTPHEADER, exchange->headers) &&
	       SET(CURLOPT_POSTFIELDSIZE, (long)request.len) &&
	       SET(CURLOPT_POSTFIELDS, request.data) && SET(CURLOPT_WRITEFUNCTION, take) &&
	       SET(CURLOPT_WRITEDATA, exchange);
}

/* ERR_UNAVAILABLE: *ret_why says it for the log. */
static enum err talk(struct exchange *exchange, struct str *ret_why, struct arena *arena)
{
	long status = 0;
	CURLcode code = curl_easy_perform(exchange->curl);
	curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
	if (exchange->answer.err == ERR_TOO_LARGE || code == CURLE_FILESIZE_EXCEEDED)
		*ret_why = STR("its answer is too long");
	else if (code != CURLE_OK && exchange->is_kept_out)
		*ret_why = STR("it is not on the internet, and not among private-targets");
	else if (code != CURLE_OK)
		*ret_why = str_of(curl_easy_strerror(code));
	else if (status != HTTP_OK)
		*ret_why = arena_printf(arena, "HTTP status %ld", status);
	else
		return OK;
	return ERR_UNAVAILABLE;
}

static enum err ask_now(const struct stamp_client *client, struct str url, struct arena *arena,
			struct str request, struct str *ret_response, struct str *ret_why)
{
	*ret_why = STR("that is no URL");
	if (!stamp_client_is_url(url))
		return ERR_UNAVAILABLE;
	__attribute__((cleanup(exchange_release))) struct exchange exchange = {
		.client = client, .curl = curl_easy_init()};
	buf_init(&exchange.answer, LIMIT_TIMESTAMP_BYTES);
	*ret_why = STR("out of memory");
	if (exchange.curl == NULL ||
	    !add_header(&exchange, "Content-Type: application/timestamp-query") ||
	    !add_header(&exchange, "Accept: application/timestamp-reply") ||
	    !add_header(&exchange, "Expect:") ||
	    !prepare(client, arena_cstr(arena, url), &exchange, request))
		return ERR_UNAVAILABLE;
	TRY(talk(&exchange, ret_why, arena));
	*ret_response = arena_copy(arena, buf_str(&exchange.answer));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* Only tells one server from the next. */
static uint32_t sum_of(struct str url)
{
	uint32_t sum = 2166136261U; /* FNV-1a */
	for (size_t i = 0; i < url.len; i++)
		sum = (sum ^ (uint8_t)url.data[i]) * 16777619U;
	return sum;
}

/* A server that does not answer is left alone for a while: else everybody who signs would wait for
 * it in turn. */
static enum err ask(struct timestamper *timestamper, struct str url, struct arena *arena,
		    struct str request, struct str *ret_response)
{
	struct stamp_client *client = (struct stamp_client *)timestamper;
	struct str why;
	if (sum_of(url) == atomic_load(&client->resting_url) &&
	    clock_monotonic_ms() < atomic_load(&client->resting_until_ms))
		return ERR_UNAVAILABLE;
	enum err err = ask_now(client, url, arena, request, ret_response, &why);
	if (err != OK) {
		atomic_store(&client->resting_url, sum_of(url));
		atomic_store(&client->resting_until_ms, clock_monotonic_ms() + client->rest_ms);
		log_event(LOG_WARN, "stamp.out_of_reach", LOG_STR("reason", why),
			  LOG_INT("again_after_ms", client->rest_ms));
	}
	return err;
}

bool stamp_client_is_url(struct str url)
{
	CURLU *parts = curl_url();
	char *scheme = NULL;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, URL_ARENA_BYTES);
	bool is_good =
		parts &&
		curl_url_set(parts, CURLUPART_URL, arena_cstr(&arena, url), 0) == CURLUE_OK &&
		curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		(str_eq(str_of(scheme), STR("http")) || str_eq(str_of(scheme), STR("https")));
	curl_free(scheme);
	curl_url_cleanup(parts);
	return is_good && !arena.failed;
}

enum err stamp_client_new(const struct stamp_options *options, struct stamp_client **ret)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ERR_UNAVAILABLE;
	struct stamp_client *client = calloc(1, sizeof(*client));
	if (client == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&client->arena, URL_ARENA_BYTES);
	client->timestamper.ask = ask;
	client->private_targets = options->private_targets;
	client->ca_file = arena_cstr(&client->arena, options->ca_file);
	client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : LIMIT_TIMESTAMP_MS;
	client->rest_ms = options->rest_ms > 0 ? options->rest_ms : LIMIT_TIMESTAMP_REST_MS;
	if (client->arena.failed) {
		stamp_client_free(client);
		return ERR_UNAVAILABLE;
	}
	*ret = client;
	return OK;
}

struct timestamper *stamp_client_timestamper(struct stamp_client *client)
{
	return &client->timestamper;
}

void stamp_client_free(struct stamp_client *client)
{
	if (client == NULL)
		return;
	arena_release(&client->arena);
	free(client);
}
