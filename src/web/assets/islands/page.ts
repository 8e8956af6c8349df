interface Reading {
	/** Asked for by the page, not by a person: opens nothing and keeps no session alive. */
	isBackground?: boolean;
	signal?: AbortSignal;
}

/** A page of this portal as a document; nothing when it is out of reach, was given up, or leads elsewhere, as to signing in. The browser
 * parses it: from text no page is made here (require-trusted-types-for). */
export function readPage(path: string, reading: Reading = {}): Promise<Document | null> {
	return new Promise(resolve => {
		const request = new XMLHttpRequest();
		request.open('GET', path);
		request.responseType = 'document';
		if (reading.isBackground) request.setRequestHeader('Postern-Background', 'yes');
		request.onload = () => {
			const isIt = request.status === 200 && new URL(request.responseURL).pathname === new URL(path, location.href).pathname;
			resolve(isIt ? request.responseXML : null);
		};
		request.onerror = request.onabort = () => resolve(null);
		reading.signal?.addEventListener('abort', () => request.abort());
		request.send();
	});
}
