using CdfProvisioning.Keys;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

/// <summary>Files in which keys wait to be handed out.</summary>
public sealed class KeySlotTests : IDisposable
{
    private const string Key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_in_a_slot_is_found_by_the_slots_name_and_is_gone_when_the_slot_is_cleared()
    {
        using var keys = Open();
        using var slot = keys.OpenSlot();
        slot.Write(Key, null);

        var there = keys.Read(NameOf(slot))!;
        Assert.Equal(Key, there.Key);
        Assert.True(keys.IsMine(there));

        Assert.True(slot.TryClear());
        Assert.Equal("", keys.Read(NameOf(slot))!.Text);
    }

    [Fact]
    public void Each_slot_has_a_file_of_its_own_that_tells_its_owner()
    {
        using var keys = Open();
        using var one = keys.OpenSlot();
        using var other = keys.OpenSlot();
        one.Write(Key, null);

        Assert.NotEqual(one.File, other.File);
        var owner = KeySlot.FindOwner(NameOf(one));
        Assert.Equal(keys.Read(NameOf(one))!.Owner, owner);
        Assert.Equal(owner, KeySlot.FindOwner(NameOf(other)));
    }

    [Theory]
    [InlineData("sensor-slot1")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef-slot")]
    [InlineData("0123456789abcdef0123456789abcdef-slot1x")]
    [InlineData("x0123456789abcdef0123456789abcdef-slot1")]
    public void The_file_of_a_thing_is_no_slot_whatever_the_thing_is_called(string name) => Assert.Null(KeySlot.FindOwner(name));

    [Fact]
    public void A_slot_that_is_closed_without_a_key_leaves_no_file()
    {
        using var keys = Open();
        var slot = keys.OpenSlot();
        slot.Write(Key, null);
        slot.TryClear();
        Assert.True(slot.IsThere);

        slot.Dispose();

        Assert.False(File.Exists(slot.File));
    }

    [Fact]
    public void A_slot_that_is_closed_with_a_key_keeps_it()
    {
        using var keys = Open();
        var slot = keys.OpenSlot();
        slot.Write(Key, null);

        slot.Dispose();

        Assert.StartsWith(Key, File.ReadAllText(slot.File), StringComparison.Ordinal);
    }

    [Fact]
    public void Closing_a_slot_whose_file_was_deleted_takes_nobody_elses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a file from another of the same name.");
        using var keys = Open();
        var slot = keys.OpenSlot();
        File.Delete(slot.File);
        Assert.False(slot.IsThere);
        File.WriteAllText(slot.File, "");

        slot.Dispose();

        Assert.True(File.Exists(slot.File));
    }

    [Fact]
    public void A_key_that_was_not_handed_out_is_kept_under_a_name_of_its_own_and_reserved_by_nobody()
    {
        using var keys = Open();
        var slot = keys.OpenSlot();
        var name = NameOf(slot);
        slot.Write(Key, null);

        slot.KeepAs("sensor-1", Key.Length);

        Assert.Equal(keys.FileOf("sensor-1"), slot.File);
        Assert.Equal(Key, File.ReadAllText(slot.File));
        Assert.Null(keys.Read(name));
    }

    [Fact]
    public void A_key_whose_name_is_taken_keeps_that_of_its_slot()
    {
        using var keys = Open();
        keys.TryAdd("sensor-1", Key, null);
        var slot = keys.OpenSlot();
        slot.Write(Key, null);
        var file = slot.File;

        slot.KeepAs("sensor-1", Key.Length);

        Assert.Equal(file, slot.File);
        Assert.Equal(Key, File.ReadAllText(file));
        Assert.NotEqual(Key, File.ReadAllText(keys.FileOf("sensor-1")));
    }

    [Fact]
    public void An_empty_slot_that_was_left_is_removed_and_one_with_a_key_or_an_owner_is_not()
    {
        var killed = Open();
        KeySlot empty = killed.OpenSlot(), full = killed.OpenSlot();
        full.Write(Key, null);
        using var living = Open();
        using var held = living.OpenSlot();

        using var keys = Open();
        keys.RemoveLeftSlot(NameOf(empty));
        Assert.True(File.Exists(empty.File));

        killed.Dispose();
        foreach (var slot in new[] { empty, full, held })
            keys.RemoveLeftSlot(NameOf(slot));
        File.WriteAllText(keys.FileOf("sensor-1"), "");
        keys.RemoveLeftSlot("sensor-1");

        Assert.False(File.Exists(empty.File));
        Assert.True(File.Exists(full.File));
        Assert.True(File.Exists(held.File));
        Assert.True(File.Exists(keys.FileOf("sensor-1")));
    }

    private static string NameOf(KeySlot slot) => Path.GetFileNameWithoutExtension(slot.File);

    private KeyDirectory Open() => KeyDirectory.Open(_folder.File("keys"), "one");
}
