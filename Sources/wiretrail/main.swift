print("wiretrail")
