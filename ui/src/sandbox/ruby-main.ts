/**
 * The Ruby side of a run: what the interpreter's own main does around a program. __NAME__ is the
 * file's name and __ZONE__ what zoneText gives, both as strings of Ruby. The last expression is the
 * exit code.
 *
 * The program is compiled as a file is, so that it may return at its top. What is put off to its
 * end (at_exit, END) is kept here: the interpreter itself never ends.
 */
export const RUBY_MAIN = `
Dir.chdir("/")
$0 = $PROGRAM_NAME = __NAME__
module ParleyExit
  BLOCKS = []
  # Blocks see the error in $!. The error is told after them, unless one of them has asked for another end.
  def self.run(error)
    status = nil
    while (block = BLOCKS.pop)
      begin
        raise error if error
        status = call(block, status)
      rescue Exception => same
        raise unless same.equal?(error)
        status = call(block, status)
      end
    end
    status || status_of(error)
  end
  def self.call(block, status)
    block.call
    status
  rescue Exception => error
    status_of(error)
  end
  def self.status_of(error)
    return 0 if error.nil?
    return error.status if error.is_a?(SystemExit)
    lines = error.backtrace
    lines&.reject! { |line| line.match?(/\\A(eval:|-e:|\\(eval)|in 'Kernel.eval'\\z/) }
    lines&.map! { |line| line.sub("<compiled>", "<main>") }
    message = error.is_a?(SyntaxError) && lines&.empty? ? error.message.sub(/$/, " (SyntaxError)") + "\\n" : error.full_message(highlight: false, order: :top)
    $stderr.write(message)
    1
  end
end
module Kernel
  def at_exit(&block)
    raise ArgumentError, "called without block" unless block
    ParleyExit::BLOCKS.push(block)
    block
  end
  module_function :at_exit
end
ParleyZone = Class.new do
  def initialize(text)
    @changes = text.split("\\n").map { |line| at, offset, summer, name = line.split(" "); [at.to_i, offset.to_i, summer == "1", name] }
    @utc = @changes.all? { |_, offset, _, _| offset == 0 }
  end
  def utc? = @utc
  def name = @changes.last[3]
  def abbr(time) = at(time.to_i)[3]
  def dst?(time) = at(time.to_i)[2]
  def utc_to_local(time) = time + at(time.to_i)[1]
  def local_to_utc(time)
    local = time.to_i
    # An hour that comes twice is the earlier one, as at home.
    offset = [at(local - 86_400)[1], at(local + 86_400)[1]].find { |one| at(local - one)[1] == one }
    time - (offset || at(local)[1])
  end
  def at(seconds) = @changes[(@changes.bsearch_index { |start,| start > seconds } || @changes.size) - 1]
end.new(__ZONE__)
unless ParleyZone.utc?
  Time.singleton_class.prepend(Module.new do
    def now(**options) = super(in: ParleyZone, **options)
    def at(*args, **options) = super(*args, in: ParleyZone, **options)
    def new(*args, **options)
      args.size > 6 || options.key?(:in) || args[0].is_a?(String) && args[0].match?(/(Z|UTC|[+-]\\d\\d:?\\d\\d)\\s*\\z/) ? super : super(*args, in: ParleyZone, **options)
    end
    def local(*args)
      return super if args.size > 7
      args[6] ? new(*args[0, 5], args[5] + Rational(args[6], 1_000_000)) : new(*args)
    end
    alias_method :mktime, :local
  end)
  Time.prepend(Module.new do
    def zone = (zone = super).equal?(ParleyZone) ? ParleyZone.abbr(self) : zone
    def localtime(offset = ParleyZone) = super
    def getlocal(offset = ParleyZone) = super
    def isdst = dst?
    def dst? = (method(:zone).super_method.call.equal?(ParleyZone) ? ParleyZone.dst?(self) : super)
  end)
end
begin
  text = File.read("/" + __NAME__)
  if (found = text.match(/^__END__\\r?\\n?/))
    DATA = File.open("/" + __NAME__)
    DATA.seek(text[0, found.end(0)].bytesize)
  end
  # END, which the interpreter would keep for an end of its own.
  code = text.gsub(/^([ \\t]*)END(?=[ \\t]*\\{)/, '\\\\1at_exit')
  RubyVM::InstructionSequence.compile(code, __NAME__, "/" + __NAME__, 1).eval
  ParleyExit.run(nil)
rescue Exception => error
  ParleyExit.run(error)
end
`;

/**
 * What is known of a zone: from when (in seconds since 1970) which offset holds, whether it is
 * summer, and the name.
 */
export interface ZoneChange {
  at: number;
  offset: number;
  summer: boolean;
  name: string;
}

const DAY = 86_400;
/** Seconds since 1970 of the first and the last day that is looked at: from 1970 to 2050. */
const LAST = 80 * 365.25 * DAY;

/**
 * zoneChanges lists what this browser's zone does; offsetAt gives its offset from UTC, in seconds.
 */
export function zoneChanges(
  offsetAt: (seconds: number) => number = (at) => -new Date(at * 1000).getTimezoneOffset() * 60,
  nameAt: (seconds: number) => string = nameOfZone,
): ZoneChange[] {
  const starts = [-1e12];
  for (let day = 0; day < LAST; day += DAY) {
    if (offsetAt(day) === offsetAt(day + DAY)) continue;
    let [before, after] = [day, day + DAY];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === offsetAt(day)) before = middle;
      else after = middle;
    }
    starts.push(after);
  }
  return starts.map((at, i) => {
    const then = Math.max(at, 0);
    const offset = offsetAt(then);
    const year = new Date(then * 1000).getUTCFullYear();
    const standard = Math.min(...[0, 6].map((month) => offsetAt(Date.UTC(year, month, 1) / 1000)));
    return { at: i === 0 ? at : then, offset, summer: offset > standard, name: nameAt(then) };
  });
}

/** Which English writes a zone's letters differs by country. */
const ENGLISH = ['en-US', 'en-GB', 'en-AU', 'en-ZA', 'en-IN', 'en-NZ'];

function nameOfZone(seconds: number): string {
  const names = ENGLISH.map(
    (locale) =>
      new Intl.DateTimeFormat(locale, { timeZoneName: 'short' })
        .formatToParts(seconds * 1000)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '',
  );
  return names.find((name) => /^[A-Z]{2,5}$/.test(name)) ?? 'UTC';
}

/** zoneText writes changes line by line, as RUBY_MAIN reads them. */
export function zoneText(changes: readonly ZoneChange[]): string {
  return changes
    .map(({ at, offset, summer, name }) => `${at} ${offset} ${Number(summer)} ${name}`)
    .join('\n');
}
