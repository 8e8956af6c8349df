/* How what is outside the portal has been faring since the start: noted by whoever speaks with it,
 * shown by core/health.h. Of this process. Times 0: not yet. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct health_notes {
	_Atomic int64_t mail_ms;     /* when an e-mail was last tried */
	_Atomic bool is_mail_down;   /* no fault of that letter: the server was out of reach, say */
	_Atomic bool is_mail_folder; /* no server is configured */
	_Atomic int64_t certificate_ms; /* when that of HTTPS ends; 0: others serve HTTPS */
	_Atomic int64_t scanner_ms;     /* when it was last looked at */
	_Atomic bool is_scanner_down;
	_Atomic int64_t stamp_ms; /* when a time stamp was last asked for */
	_Atomic bool is_stamp_down;
};
