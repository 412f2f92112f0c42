# Splits a bill of some cents among people.
def split(bill, people)
  share = (bill.to_f / [people, 1].max).round
  shares = [share]
  left = bill - share
  while shares.size < people
    shares << share
    left -= share
  end
  i = 0
  while left > 0
    shares[i] += 1
    left -= 1
    i += 1
  end
  shares
end

def answer(line)
  shares = split(*line.split.map(&:to_i))
  shares.empty? ? "-" : shares.join(" ")
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
