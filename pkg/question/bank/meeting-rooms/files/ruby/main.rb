def rooms_needed(meetings)
  # Your code here. A meeting is [start, end].
  0
end

def answer(line)
  rooms_needed(line.split.map { |meeting| meeting.split("-").map(&:to_f) })
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
