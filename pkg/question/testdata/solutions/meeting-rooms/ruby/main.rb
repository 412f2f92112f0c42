def rooms_needed(meetings)
  starts = meetings.map(&:first).sort
  ends = meetings.map(&:last).sort
  rooms = free = 0
  starts.each { |start| ends[free] <= start ? free += 1 : rooms += 1 }
  rooms
end

def answer(line)
  rooms_needed(line.split.map { |meeting| meeting.split("-").map(&:to_f) })
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
