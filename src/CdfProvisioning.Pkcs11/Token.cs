using System.Security.Cryptography;
using CdfProvisioning.Certificates;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CdfProvisioning.Pkcs11;

/// <summary>The token of a key: opens its sessions and logs in. A wrong PIN is tried once in the life of the process, for a few lock the token.</summary>
internal sealed class Token : IDisposable
{
    private static readonly byte[] HashKey = RandomNumberGenerator.GetBytes(32);
    private static readonly HashSet<string> WrongPins = [];
    private static readonly Lock LoggingIn = new();

    private readonly TokenModule _module;
    private readonly ISlot _slot;
    private readonly PinSource _pin;

    private Token(KeyUri uri, TokenModule module, ISlot slot, PinSource pin) => (Uri, _module, _slot, _pin) = (uri, module, slot, pin);

    public KeyUri Uri { get; }

    public static Token Open(KeyUri uri, PinSource pin)
    {
        var module = TokenModule.Load(uri);
        try
        {
            return new Token(uri, module, TokenSearch.Find(uri, module), pin);
        }
        catch (Exception e)
        {
            module.Dispose();
            if (e is Pkcs11Exception failure)
                throw TokenFailures.Translate(failure, uri);
            throw;
        }
    }

    /// <summary>A session that is logged in, with its handle of the key.</summary>
    public KeySession OpenSession()
    {
        var session = _slot.OpenSession(SessionType.ReadOnly);
        try
        {
            LogIn(session);
            return new KeySession(session, KeyObject.Find(session, Uri));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public byte[] ReadPin() => _pin.Read();

    public void Dispose() => _module.Dispose();

    private void LogIn(ISession session)
    {
        lock (LoggingIn)
        {
            var info = _slot.GetTokenInfo();
            if (!info.TokenFlags.LoginRequired || session.GetSessionInfo().State is CKS.CKS_RO_USER_FUNCTIONS or CKS.CKS_RW_USER_FUNCTIONS)
                return;
            var name = info.Label.Trim();
            if (info.TokenFlags.UserPinLocked)
                throw Refused($"The PIN of token '{name}' is locked: unlock it with its own tool");
            if (info.TokenFlags.UserPinFinalTry)
                throw Refused($"One more wrong PIN would lock token '{name}': log in once with its own tool (pkcs11-tool --login --list-objects), which resets the count");

            var pin = info.TokenFlags.ProtectedAuthenticationPath ? null : ReadPin(); // else it is entered at the token's own keypad
            var attempt = pin is null ? "" : $"{info.SerialNumber} {info.Label} {Convert.ToHexString(HMACSHA256.HashData(HashKey, pin))}";
            if (WrongPins.Contains(attempt))
                throw WrongPin(name);
            try
            {
                session.Login(CKU.CKU_USER, pin);
            }
            catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
            {
            }
            catch (Pkcs11Exception e) when (e.RV is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_INVALID)
            {
                WrongPins.Add(attempt);
                throw WrongPin(name, e);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(pin);
            }
        }
    }

    private static CdfException WrongPin(string name, Pkcs11Exception? cause = null) =>
        Refused($"The PIN of token '{name}' is wrong. It is not tried again, for a few wrong ones lock the token: give the right one", cause);

    private static CdfException Refused(string message, Pkcs11Exception? cause = null) => CdfErrorCode.AccessDenied.Error($"{message}.", cause);
}

/// <summary>A session with a token, and its handle of the key.</summary>
internal sealed record KeySession(ISession Session, IObjectHandle Key) : IDisposable
{
    public void Dispose()
    {
        try
        {
            Session.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // It has ended already.
        }
    }
}
