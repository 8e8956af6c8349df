/* E-mails by SMTP (libcurl): keeps one connection for as long as letters follow each other. */
#pragma once

#include "mail/mail_url.h"
#include "mail/transport.h"

/* Does not connect. ERR_UNAVAILABLE when libcurl cannot start or has no memory. */
enum err transport_smtp_open(const struct transport_options *options, const struct mail_url *url,
			     struct transport **ret) MUST_CHECK;
