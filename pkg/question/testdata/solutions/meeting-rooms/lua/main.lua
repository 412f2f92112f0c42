function rooms_needed(meetings)
  local starts, stops = {}, {}
  for i, meeting in ipairs(meetings) do
    starts[i], stops[i] = meeting.start, meeting.stop
  end
  table.sort(starts)
  table.sort(stops)
  local rooms, free = 0, 1
  for _, start in ipairs(starts) do
    if stops[free] <= start then free = free + 1 else rooms = rooms + 1 end
  end
  return rooms
end

function answer(line)
  local meetings = {}
  for start, stop in line:gmatch("([%d.]+)-([%d.]+)") do
    meetings[#meetings + 1] = { start = tonumber(start), stop = tonumber(stop) }
  end
  return rooms_needed(meetings)
end

-- Each line of input is one case. Press Run and type one, or run the tests.
for line in io.lines() do
  print(answer(line))
end
