#include "api/api.h"
#include "base/log.h"
#include "core/breached.h"
#include "core/scanner.h"
#include "http/listen.h"
#include "http/proxy.h"
#include "http/server.h"
#include "mail/worker.h"
#include "pdf/pdf.h"
#include "scan/clamd.h"
#include "scan/spamd.h"
#include "server/command.h"
#include "server/housekeeper.h"
#include "server/options.h"
#include "server/pdf_program.h"
#include "server/public_url.h"
#include "stamp/stamp_client.h"
#include "web/routes.h"
#include "web/site.h"
#include "web/site_assets.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { ARENA_BYTES = 4 << 20, HEAPS_MAX = 2, HEAP_SPARE_BYTES = 2 << 20 };

struct service {
	struct portal *portal;
	struct http_server *server;
	struct mail_worker *mail;
	struct clamd *clamd;
	struct spamd *spamd;
	struct stamp_client *stamping;
	struct pdf_workers *pdf;
	struct housekeeper *housekeeper;
	struct site site;
};

static enum err authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	return surface == SURFACE_API ? api_authenticate(cx, req, surface)
				      : web_authenticate(cx, req);
}

static void refuse(struct cx *cx, const struct request *req, struct response *res,
		   enum surface surface, enum err err)
{
	if (surface == SURFACE_API)
		api_refuse(cx, req, res, surface, err);
	else
		web_refuse(cx, req, res, err);
}

static enum err make_site(struct arena *arena, struct portal *portal, struct site *ret)
{
	size_t count = web_route_count + api_route_count;
	struct route *routes = ARENA_ARRAY(arena, count, struct route);
	if (routes == NULL)
		return ERR_UNAVAILABLE;
	memcpy(routes, web_routes, web_route_count * sizeof(*routes));
	memcpy(routes + web_route_count, api_routes, api_route_count * sizeof(*routes));
	TRY(routes_check(routes, count));
	*ret = (struct site){
		.routes = routes,
		.route_count = count,
		.assets = site_assets,
		.asset_count = site_asset_count,
		.portal = portal,
		.is_https = public_url_is_https(portal->settings->url),
		/* A new address holds from the next start: cookies and links hang on it. */
		.public_origin = arena_copy(arena, portal->settings->url),
		.authenticate = authenticate,
		.refuse = refuse,
		.ask_to_sign_in = web_ask_to_sign_in,
	};
	return OK;
}

static struct channel_options mail_options(struct arena *arena, struct str data_dir,
					   const struct config *config, struct portal *portal)
{
	struct channel_options options = {
		.portal = portal,
		.from = config->mail_from,
		.transport = {.url = config->mail, .ca_file = config->mail_ca},
	};
	if (options.transport.url.len == 0)
		options.transport.url = arena_printf(arena, "dir:%.*s/mail", STR_ARGS(data_dir));
	return options;
}

static struct str mail_complaint(struct arena *arena, const struct channel_options *options)
{
	const struct language *english = language_find(STR("en"));
	if (channel_takes_from(options->from))
		return text_get(english, TEXT_COMMAND_MAIL_BAD);
	return TEXT_FILL(arena, english, TEXT_COMMAND_MAIL_FROM_BAD,
			 TEXT_ARG("address", options->from));
}

static void note_mail(struct portal *portal, const struct channel_options *options)
{
	portal->health.is_mail_folder = str_starts_with(options->transport.url, STR("dir:"));
}

static enum err start_mail(const struct command_line *line, struct service *service)
{
	struct channel_options options =
		mail_options(line->arena, line->data_dir, &line->config, service->portal);
	note_mail(service->portal, &options);
	enum err err = mail_worker_start(&options, &service->mail);
	if (err != OK)
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(mail_complaint(line->arena, &options)));
	return err;
}

/* Said at the start: a wrong path would else be noticed by the first who uploads something. */
static void log_scanner(struct scanner *scanner, struct str address)
{
	struct scan *scan = NULL;
	enum err err = scanner->begin(scanner, &scan);
	scanner->free(scan);
	log_event(err == OK ? LOG_INFO : LOG_WARN,
		  err == OK ? "scanner.ready" : "scanner.out_of_reach", LOG_STR("clamd", address));
}

static enum err start_scanner(const struct command_line *line, struct service *service)
{
	struct clamd_options options = {.url = line->config.clamd};
	if (options.url.len == 0)
		return OK;
	enum err err = clamd_new(&options, &service->clamd);
	if (err != OK) {
		COMPLAIN(line->arena, TEXT_COMMAND_CLAMD_BAD, TEXT_ARG("address", options.url));
		return err;
	}
	service->portal->scanner = clamd_scanner(service->clamd);
	log_scanner(service->portal->scanner, options.url);
	return OK;
}

static enum err start_spam_filter(const struct command_line *line, struct service *service)
{
	struct spamd_options options = {.url = line->config.spamd};
	if (options.url.len == 0)
		return OK;
	enum err err = spamd_new(&options, &service->spamd);
	if (err != OK) {
		COMPLAIN(line->arena, TEXT_COMMAND_SPAMD_BAD, TEXT_ARG("address", options.url));
		return err;
	}
	service->portal->spam_filter = spamd_filter(service->spamd);
	return OK;
}

/* Without it everything but signing works, and who wants to send a request is told so. */
static enum err start_pdf(const struct command_line *line, struct service *service)
{
	struct str path = STR_NONE;
	enum err err = pdf_program_workers(line->arena, &service->pdf, &path);
	if (err == ERR_NOT_FOUND) {
		log_event(LOG_WARN, "pdf.program_missing", LOG_STR("path", path));
		COMPLAIN(line->arena, TEXT_COMMAND_PDF_MISSING, TEXT_ARG("path", path));
		return OK;
	}
	service->portal->pdf = service->pdf;
	return err;
}

/* Of which server the settings say, whenever one is asked. */
static enum err start_stamping(const struct command_line *line, struct service *service)
{
	struct stamp_options options = {.timeout_ms = 0};
	struct str networks = line->config.private_targets;
	if (networks_parse(networks, &options.private_targets) != OK) {
		COMPLAIN(line->arena, TEXT_COMMAND_PRIVATE_TARGETS_BAD,
			 TEXT_ARG("networks", networks));
		return ERR_INVALID;
	}
	TRY(stamp_client_new(&options, &service->stamping));
	service->portal->timestamper = stamp_client_timestamper(service->stamping);
	return OK;
}

/* What to say of the option that http_server_start() did not like. */
static enum text_id blame_http(const struct config *config, enum err err)
{
	struct networks proxies;
	if (err == ERR_UNAVAILABLE)
		return TEXT_COMMAND_LISTEN_TAKEN;
	if (!listen_is_good(config->listen))
		return TEXT_COMMAND_LISTEN_BAD;
	if (networks_parse(config->trusted_proxies, &proxies) != OK)
		return TEXT_COMMAND_PROXIES_BAD;
	return TEXT_COMMAND_TLS_BAD;
}

static void note_certificate(struct service *service)
{
	service->portal->health.certificate_ms = http_server_certificate_ends_ms(service->server);
}

static enum err start_http(const struct command_line *line, struct service *service)
{
	const struct config *config = &line->config;
	struct http_options options = {
		.listen = config->listen,
		.tls_cert_path = config->tls_cert,
		.tls_key_path = config->tls_key,
		.trusted_proxies = config->trusted_proxies,
		.worker_threads = (int)config->workers,
		.password_workers = (int)config->password_workers,
	};
	TRY(make_site(line->arena, service->portal, &service->site));
	enum err err = http_server_start(&service->site, &options, &service->server);
	if (err != OK)
		COMPLAIN(line->arena, blame_http(config, err), TEXT_ARG("listen", config->listen),
			 TEXT_ARG("proxies", config->trusted_proxies),
			 TEXT_ARG("cert", config->tls_cert), TEXT_ARG("key", config->tls_key));
	return err;
}

static enum err start(const struct command_line *line, struct service *service)
{
	service->portal->breached_path = line->config.breached_passwords;
	breached_log(service->portal);
	TRY(start_scanner(line, service));
	TRY(start_spam_filter(line, service));
	TRY(start_pdf(line, service));
	TRY(start_stamping(line, service));
	TRY(start_mail(line, service));
	TRY(housekeeper_start(service->portal, &service->housekeeper));
	TRY(start_http(line, service));
	note_certificate(service);
	return OK;
}

/* In the order that lets what is running finish: no new requests, nobody who wakes the mail thread,
 * then what was queued. */
static void stop(struct service *service)
{
	http_server_free(service->server);
	housekeeper_stop(service->housekeeper);
	mail_worker_stop(service->mail);
	portal_close(service->portal);
	clamd_free(service->clamd);
	spamd_free(service->spamd);
	stamp_client_free(service->stamping);
	pdf_workers_free(service->pdf);
}

static void log_what_needs_a_restart(const struct config *running, const struct config *next)
{
	size_t at = 0;
	for (const char *key; (key = config_next_fixed_change(running, next, &at)) != NULL;)
		log_event(LOG_WARN, "config.needs_restart", LOG_CSTR("key", key),
			  LOG_CSTR("advice", "until then the old value holds"));
}

/* SIGHUP: certificates, log level and mail server; what cannot change while running is said. */
static void reload(const struct command_line *line, struct service *service)
{
	struct arena arena CLEANUP_ARENA;
	struct config next;
	struct str message = STR_NONE;
	arena_init(&arena, ARENA_BYTES);
	if (options_config(line, &arena, &next, &message) != OK) {
		log_event(LOG_ERROR, "config.not_reloaded", LOG_STR("reason", message));
		return;
	}
	struct channel_options mail = mail_options(&arena, line->data_dir, &next, service->portal);
	if (mail_worker_change(service->mail, &mail) != OK) {
		log_event(LOG_ERROR, "config.not_reloaded",
			  LOG_STR("reason", mail_complaint(&arena, &mail)));
		return;
	}
	note_mail(service->portal, &mail);
	/* What comes of it is said whatever the level. */
	log_set_level(next.log_level < LOG_INFO ? next.log_level : LOG_INFO);
	if (http_server_reload_tls(service->server) != OK)
		log_event(LOG_ERROR, "tls.not_reloaded", LOG_STR("cert", line->config.tls_cert));
	note_certificate(service);
	log_what_needs_a_restart(&line->config, &next);
	log_event(LOG_INFO, "config.reloaded");
	log_set_level(next.log_level);
}

/* Until SIGTERM or SIGINT. */
static void wait_for_signals(const sigset_t *signals, const struct command_line *line,
			     struct service *service)
{
	for (;;) {
		int signal_number;
		if (sigwait(signals, &signal_number) != 0)
			continue;
		if (signal_number != SIGHUP)
			return;
		reload(line, service);
	}
}

static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
	/* Threads made from now on inherit this: only wait_for_signals() takes them. */
	pthread_sigmask(SIG_BLOCK, ret, NULL);
}

static void raise_file_limit(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int serve(struct command_line *line)
{
	struct service service = {0};
	sigset_t signals;
	struct portal_options options = {
		.data_dir = line->data_dir,
		.store_url = line->config.store,
		.checkpoints = line->config.audit_checkpoints,
		.destructions = line->config.destructions,
		.password_threads = (int)line->config.password_workers,
	};
	block_signals(&signals);
	raise_file_limit();
	mallopt(M_ARENA_MAX, HEAPS_MAX);
	/* Else the heap shrinks after a page and grows with the next. */
	mallopt(M_TRIM_THRESHOLD, HEAP_SPARE_BYTES);
	log_set_level(line->config.log_level);
	enum err err = portal_open(&options, &service.portal);
	if (err != OK)
		return options_complain_of_portal(line, err);
	err = start(line, &service);
	if (err == OK) {
		struct str text =
			TEXT_FILL(line->arena, language_find(STR("en")), TEXT_COMMAND_SERVING,
				  TEXT_ARG("url", service.portal->settings->url),
				  TEXT_ARG("listen", line->config.listen));
		printf("%.*s\n", STR_ARGS(text));
		fflush(stdout);
		wait_for_signals(&signals, line, &service);
		log_event(LOG_INFO, "server.stopping");
	}
	stop(&service);
	return err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_serve(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	const struct option options[] = {{NULL, NULL}};
	struct command_line line;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help) {
		options_say(TEXT_COMMAND_USAGE_SERVE);
		return EXIT_SUCCESS;
	}
	if (!options_without_arguments(&line))
		return EXIT_USAGE;
	return serve(&line);
}
