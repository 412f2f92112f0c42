def answer(line):
    p = line.split()
    w = int(p[1])
    if w <= 30000:
        if p[0] == "de":
            r = 400 + -(-w // 1000) * 100
            if "express" in p:
                r = r * 2
            if "gift" in p:
                r = r + 300
        elif p[0] == "at" or p[0] == "fr" or p[0] == "nl":
            r = 900 + -(-w // 1000) * 150
            if "express" in p:
                r = r * 2
            if "gift" in p:
                r = r + 300
        else:
            if p[0] == "ch" or p[0] == "uk":
                if "express" not in p:
                    r = 1500 + -(-w // 1000) * 250
                    if "gift" in p:
                        r = r + 300
                else:
                    return "no"
            else:
                return "no"
    else:
        return "no"
    return r


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
