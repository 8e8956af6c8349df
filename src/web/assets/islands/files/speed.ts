const WINDOW_MS = 8_000;
const ENOUGH_MS = 1_500;

/** How fast it goes, over the last seconds. */
export class Speed {
	private samples: { at: number; sent: number }[] = [];

	restart(): void {
		this.samples = [];
	}

	note(sent: number): void {
		const now = performance.now();
		this.samples.push({ at: now, sent });
		while (this.samples.length > 2 && now - this.samples[0]!.at > WINDOW_MS) this.samples.shift();
	}

	/** Bytes a second; nothing while it is too early to tell. */
	get bytesPerSecond(): number | undefined {
		const first = this.samples[0];
		const last = this.samples.at(-1);
		if (!first || !last || last.at - first.at < ENOUGH_MS || last.sent <= first.sent) return undefined;
		return (last.sent - first.sent) / (last.at - first.at) * 1000;
	}
}
