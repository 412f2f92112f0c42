def answer(log)
  people = Hash.new { |hash, page| hash[page] = [] }
  broken = 0
  log.split(";").map(&:split).reject(&:empty?).each do |parts|
    if parts.size != 3 || !parts[2].start_with?("/")
      broken += 1
    else
      people[parts[2]] |= [parts[1]]
    end
  end
  shown = people.sort_by { |page, who| [-who.size, page] }.map { |page, who| "#{page} #{who.size}" }
  shown << "broken #{broken}" if broken > 0
  shown.empty? ? "-" : shown.join(", ")
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
