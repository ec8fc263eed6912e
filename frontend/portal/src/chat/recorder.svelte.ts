/** What browsers can record and the server takes, the smaller first. */
const formats = [
	['audio/webm;codecs=opus', 'weba'],
	['audio/ogg;codecs=opus', 'ogg'],
	['audio/mp4', 'm4a'],
] as const;

const longest = 15 * 60;

/** Records a voice note. */
export class Recorder {
	static readonly format = typeof MediaRecorder === 'undefined' || !navigator.mediaDevices ? undefined : formats.find(([type]) => MediaRecorder.isTypeSupported(type));

	/** Seconds so far; undefined while nothing is recorded. */
	seconds = $state<number | undefined>(undefined);
	/** The microphone may not be used. */
	refused = $state(false);
	#recorder: MediaRecorder | undefined;
	#timer: ReturnType<typeof setInterval> | undefined;

	/** `name` is what the file is called, without its ending. */
	async start(name: string, onDone: (file: File) => void): Promise<void> {
		if (this.seconds !== undefined || !Recorder.format) return;
		const [type, ending] = Recorder.format;
		this.refused = false;
		let sound: MediaStream;
		try {
			sound = await navigator.mediaDevices.getUserMedia({ audio: true });
		} catch {
			this.refused = true;
			return;
		}
		const parts: Blob[] = [];
		const recorder = (this.#recorder = new MediaRecorder(sound, { mimeType: type, audioBitsPerSecond: 32_000 }));
		recorder.ondataavailable = ({ data }) => parts.push(data);
		recorder.onstop = () => {
			for (const track of sound.getTracks()) track.stop();
			clearInterval(this.#timer);
			this.seconds = undefined;
			if (this.#recorder === recorder && parts.some(({ size }) => size > 0)) onDone(new File(parts, `${name}.${ending}`, { type }));
		};
		recorder.start();
		this.seconds = 0;
		this.#timer = setInterval(() => {
			this.seconds = (this.seconds ?? 0) + 1;
			if (this.seconds >= longest) this.stop();
		}, 1_000);
	}

	stop(): void {
		if (this.#recorder?.state === 'recording') this.#recorder.stop();
	}

	/** Throws away what was recorded. */
	cancel(): void {
		const recorder = this.#recorder;
		this.#recorder = undefined;
		if (recorder?.state === 'recording') recorder.stop();
	}
}
