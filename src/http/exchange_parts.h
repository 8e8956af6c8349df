/* For http/exchange*.c: one exchange from the inside. */
#pragma once

#include "core/cx.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/feed.h"
#include "http/intake.h"
#include "http/pool.h"
#include "http/triage.h"

enum step {
	STEP_HEADER,   /* libmicrohttpd has not shown the header yet */
	STEP_BODY,     /* collecting, or there is none */
	STEP_WORKER,   /* suspended */
	STEP_SINK,     /* the body goes to a sink */
	STEP_DROPPING, /* the answer was sent, past libmicrohttpd: what still comes is dropped */
	STEP_ANSWERED, /* answer is set, or NULL to close without one */
};

struct exchange {
	struct pool_job job;
	struct wire *wire;
	struct connection *connection;
	struct MHD_Connection *mhd;
	struct arena arena;
	struct request request;
	struct response response;
	struct str target; /* of the request line, before libmicrohttpd cuts it up */
	struct triage triage;
	struct intake intake;
	struct cx cx;               /* of the handler, until its sink has answered */
	struct feed *feed;          /* the body on its way into a sink; NULL: none */
	size_t dropped_bytes;       /* of it, after the answer */
	struct stream *stream;      /* makes the answer's body; NULL: it is whole */
	struct budget_share unread; /* the answer, until the client has read it */
	size_t pool_bytes; /* of libmicrohttpd's memory for this connection, taken by the header */
	struct id id;
	bool is_http_1_1;
	bool is_body_open; /* the client has been asked to send what the sink takes */
	int64_t started_us, queued_us;
	enum step step;
	struct MHD_Response *answer;
};

/* The route's path, for the log. */
const char *exchange_log_name(const struct exchange *x);
void exchange_enter_phase(struct exchange *x, enum deadline_phase phase);

/* exchange_answer.c: from a filled response to the wire. */

/* Reserves memory for the answer, or fills one that says that there is none. */
void exchange_reserve_answer(struct exchange *x);
/* Fills another answer instead. */
void exchange_refuse_instead(struct exchange *x, int status, const char *event);
/* Builds libmicrohttpd's answer. From here on nothing of the request is left. */
void exchange_finish(struct exchange *x);
/* The end of it alone: the log line, and nothing of the request is left. */
void exchange_end(struct exchange *x);
/* On the I/O thread. */
enum MHD_Result exchange_queue_answer(struct exchange *x);
void exchange_release_request(struct exchange *x);

/* exchange_sink.c: bodies that are taken while they come. */

bool exchange_has_sink(const struct exchange *x);
/* On a worker: runs the handler. */
void exchange_open_sink(struct exchange *x);
/* The same for a filled response while the client is still sending: sent at once, and what still
 * comes is dropped for a while. */
void exchange_answer_early(struct exchange *x);
/* On the I/O thread, in STEP_SINK and STEP_DROPPING; *bytes is what is left. */
enum MHD_Result exchange_give(struct exchange *x, struct str *bytes);
enum MHD_Result exchange_sink_complete(struct exchange *x);
